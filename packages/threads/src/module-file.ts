/** Which file a module for threads is, and what a thread needs to load it. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ThreadModuleError } from './errors.ts';

export interface ModuleFile {
  readonly url: string;
  /** The module that teaches Node TypeScript; undefined where the runtime, or the file, needs none. */
  readonly loader: string | undefined;
}

const typeScript = /\.([cm]?)tsx?$/;

/**
 * Finds a module by the URL that its source is known by: a `.ts` file where there is one, else the `.js` file that it
 * was compiled to, because compilers leave `new URL('./resize.ts', import.meta.url)` as it is.
 *
 * @throws {@link ThreadModuleError} when there is neither, or nothing that loads TypeScript.
 */
export function findModuleFile(module: URL | string): ModuleFile {
  const url = String(module);
  if (!url.startsWith('file:')) throw ThreadModuleError.notAFile(url);
  const found = [url, url.replace(typeScript, '.$1js')].find((each) => existsSync(fileURLToPath(each)));
  if (found === undefined) throw ThreadModuleError.missing(url);
  return { url: found, loader: typeScript.test(found) ? typeScriptLoader(found) : undefined };
}

/** tsx beside a TypeScript file, or else beside the program that runs: the `asphalt` command brings it. */
export function typeScriptLoader(file: string): string | undefined {
  if ('bun' in process.versions || 'deno' in process.versions) return undefined;
  for (const from of [fileURLToPath(file), process.argv[1]]) {
    const loader = from === undefined ? undefined : loaderBeside(from);
    if (loader !== undefined) return loader;
  }
  if ((process.features as { typescript?: unknown }).typescript) return undefined;
  throw ThreadModuleError.noLoader(file);
}

interface Manifest {
  readonly exports: { readonly './esm/api': { readonly import: { readonly default: string } } };
}

/** Its module for `import`: what `require.resolve` finds is the one for `require`, which does not work in threads. */
function loaderBeside(from: string): string | undefined {
  try {
    const manifest = createRequire(realpathSync(from)).resolve('tsx/package.json');
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    return new URL(exports['./esm/api'].import.default, pathToFileURL(manifest)).href;
  } catch {
    // Not installed there.
    return undefined;
  }
}
