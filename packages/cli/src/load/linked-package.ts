/** Packages of a workspace, which are links in `node_modules` and may consist of TypeScript sources. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve, sep } from 'node:path';

/**
 * Installs the TypeScript loader if a package is linked from outside of `node_modules` and refers to TypeScript files.
 * Uses the compiler settings nearest to the package. Node itself does not compile what decorators require.
 *
 * @param folder - where the search for the package starts
 * @returns whether the loader is installed for the package
 */
export async function prepareLinkedPackage(packageName: string, folder: string): Promise<boolean> {
  const home = homeOf(packageName, folder);
  if (home === undefined || home.includes(`${sep}node_modules${sep}`)) return false;
  if (!refersToTypeScript(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest)) return false;
  const { compileTypeScriptLike } = await import('./typescript-loader.ts');
  await compileTypeScriptLike(join(home, 'package.json'));
  return true;
}

type Manifest = { readonly main?: Exports; readonly exports?: Exports };

/** One entry of `exports` in a package.json: a file, or files by condition or by entry. */
type Exports = string | null | readonly Exports[] | { readonly [condition: string]: Exports };

/** Returns the folder of a package itself, without links. */
function homeOf(packageName: string, folder: string): string | undefined {
  const folders = createRequire(resolve(folder, 'package.json')).resolve.paths(packageName) ?? [];
  const home = folders.map((each) => join(each, packageName)).find((each) => existsSync(join(each, 'package.json')));
  return home === undefined ? undefined : realpathSync(home);
}

function refersToTypeScript({ main = null, exports = main }: Manifest): boolean {
  return targetsOf(exports).some((target) => /\.[cm]?tsx?$/.test(target));
}

/** The conditions of an `import` in Node. The first condition of a package.json that is one of them applies. */
const conditions = new Set(['import', 'node', 'module-sync', 'default']);

/** Returns the files that a package offers to an `import`. */
function targetsOf(exports: Exports): string[] {
  if (typeof exports === 'string') return [exports];
  if (exports === null) return [];
  if (isList(exports)) return exports.flatMap(targetsOf);
  const entries = Object.entries(exports);
  if (entries.some(([key]) => key.startsWith('.'))) return entries.flatMap(([, target]) => targetsOf(target));
  const target = entries.find(([condition]) => conditions.has(condition))?.[1];
  return target === undefined ? [] : targetsOf(target);
}

function isList(exports: Exports): exports is readonly Exports[] {
  return Array.isArray(exports);
}
