/** What is known of a project before it is made. */
import type { PackageManager } from './package-managers.ts';

/** What the command line says; what it leaves open is asked on a terminal, and takes its default elsewhere. */
export interface NewArguments {
  readonly folder: string | undefined;
  readonly name: string | undefined;
  readonly packageManager: PackageManager | undefined;
  readonly install: boolean | undefined;
}

export interface Answers {
  readonly folder: string;
  readonly name: string;
  readonly install: boolean;
}
