/** Packages of a workspace, which are links in `node_modules` and may consist of TypeScript sources. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve, sep } from 'node:path';

/**
 * Installs the TypeScript loader if a package is linked from outside of `node_modules` and refers to TypeScript files.
 * Uses the compiler settings nearest to the package. Node itself does not compile what decorators require.
 *
 * @param folder - where the search for the package starts
 */
export async function prepareLinkedPackage(packageName: string, folder: string): Promise<void> {
  const home = homeOf(packageName, folder);
  if (home === undefined || home.includes(`${sep}node_modules${sep}`)) return;
  if (!refersToTypeScript(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest)) return;
  const { compileTypeScriptLike } = await import('./typescript-loader.ts');
  await compileTypeScriptLike(join(home, 'package.json'));
}

interface Manifest {
  readonly main?: unknown;
  readonly exports?: unknown;
}

/** Returns the folder of a package itself, without links. */
function homeOf(packageName: string, folder: string): string | undefined {
  const folders = createRequire(resolve(folder, 'package.json')).resolve.paths(packageName) ?? [];
  const home = folders.map((each) => join(each, packageName)).find((each) => existsSync(join(each, 'package.json')));
  return home === undefined ? undefined : realpathSync(home);
}

function refersToTypeScript({ main, exports }: Manifest): boolean {
  return /(?<!\.d)\.[cm]?tsx?"/.test(JSON.stringify([main, exports]));
}
