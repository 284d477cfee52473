/**
 * Selects the form in which end-to-end tests run an application: with `asphalt run` from its sources, or built. The
 * variable `BUILT_APPLICATIONS` names a folder of built applications, and `BUILT_RUNTIME` their runtime as a JSON array of
 * a command and its arguments, by default the Node of the tests. `npm run test:runtimes` sets both.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface BuiltForm {
  /** The program of the runtime. */
  readonly command: string;
  /** The arguments of the runtime before those of the application. */
  readonly args: readonly string[];
}

/** Returns how to start a built application; undefined if the tests run its sources. @param name - of its built folder */
export function builtForm(name: string): BuiltForm | undefined {
  const { BUILT_APPLICATIONS: folder, BUILT_RUNTIME: runtime } = process.env;
  if (folder === undefined) return undefined;
  const main = join(folder, name, 'main.js');
  if (!existsSync(main)) throw new Error(`The application is not built: ${main} does not exist`);
  const [command, ...args] =
    runtime === undefined ? [process.execPath] : (JSON.parse(runtime) as [string, ...string[]]);
  return { command, args: [...args, main] };
}
