/** The input that `asphalt new` collects before it creates a project. */
import type { ProjectKind } from './kinds.ts';
import type { PackageManager } from './package-managers.ts';

/** The values of the command line. Missing ones are prompted for on a terminal and take their defaults elsewhere. */
export interface NewArguments {
  readonly folder: string | undefined;
  readonly name: string | undefined;
  readonly kind: ProjectKind | undefined;
  readonly packageManager: PackageManager | undefined;
  readonly install: boolean | undefined;
}

export interface Answers {
  readonly folder: string;
  readonly name: string;
  readonly kind: ProjectKind;
  readonly install: boolean;
}
