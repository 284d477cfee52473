/** Finds the file of a module for threads, and the loader that a thread needs for it. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ThreadModuleError } from './errors.ts';

export interface ModuleFile {
  readonly url: string;
  /** The module that adds TypeScript support to Node; undefined if the runtime or the file needs none. */
  readonly loader: string | undefined;
}

const typeScript = /\.([cm]?)tsx?$/;

/**
 * Finds a module by the URL of its source: the `.ts` file if it exists, else the `.js` file that it compiles to.
 * Compilers do not rewrite `new URL('./resize.ts', import.meta.url)`.
 *
 * @throws {@link ThreadModuleError} when neither file exists, or no TypeScript loader is installed
 */
export function findModuleFile(module: URL | string): ModuleFile {
  const url = String(module);
  if (!url.startsWith('file:')) throw ThreadModuleError.notAFile(url);
  const found = [url, url.replace(typeScript, '.$1js')].find((each) => existsSync(fileURLToPath(each)));
  if (found === undefined) throw ThreadModuleError.missing(url);
  return { url: found, loader: typeScript.test(found) ? typeScriptLoader(found) : undefined };
}

/** Finds tsx from a TypeScript file, or else from the running program: the `asphalt` command depends on it. */
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

/** Returns the URL of tsx's ES module. `require.resolve` would find its CommonJS module, which fails in threads. */
function loaderBeside(from: string): string | undefined {
  try {
    const manifest = createRequire(realpathSync(from)).resolve('tsx/package.json');
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    return new URL(exports['./esm/api'].import.default, pathToFileURL(manifest)).href;
  } catch {
    // Not installed for this file.
    return undefined;
  }
}
