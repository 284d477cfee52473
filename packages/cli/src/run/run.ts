/** `asphalt run`: loads a configuration and runs the application that it names. */
import type { Application } from '@asphalt/core';
import { loadApplicationConfig, type ApplicationArguments } from '../load/application-config.ts';
import type { Shell } from '../terminal/shell.ts';
import { runLoaded } from './run-loaded.ts';
import type { WatchOptions } from './watched-run.ts';

export interface RunOptions extends ApplicationArguments, WatchOptions {
  readonly shell: Shell;
  /** Called with the application when all of its modules are loaded, before it starts. */
  readonly onCreated?: (application: Application) => void;
}

/** Runs the application until it ends. @returns the exit code: 0 after a normal end, 1 after a failure */
export function run(options: RunOptions): Promise<number> {
  return runLoaded({ ...options, load: () => loadApplicationConfig(options) });
}
