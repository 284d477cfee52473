/**
 * Reads configuration modules such as `asphalt.config.ts`. Their default export is the data or the class of the root
 * component.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeThrown } from '../../errors/asphalt-error.ts';
import { dataLayer } from './data-layer.ts';
import { ConfigFileError } from '../errors.ts';
import type { Layer } from '../layers.ts';

const moduleName = /\.[cm]?[jt]s$/;

/** Returns whether the extension of a file is that of a module. */
export function isModuleName(name: string): boolean {
  return moduleName.test(name);
}

export async function importFile(file: string): Promise<object> {
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as object;
}

/** Why a module never finishes loading, and how to find the place. */
export const stalledModule = {
  note: 'a top-level `await` waits for a promise that never settles',
  help: 'find the top-level `await` in it or in a module that it imports; move it into `start()` of a component',
};

/**
 * Waits until a module is loaded. Without this, Node would exit with code 13 and no message as soon as nothing else
 * keeps the process running.
 *
 * @returns undefined if the module can never finish loading
 */
export async function untilLoaded<T extends object>(loading: Promise<T>): Promise<T | undefined> {
  let onEmpty!: () => void;
  const stalled = new Promise<undefined>((resolve) => {
    onEmpty = () => resolve(undefined);
  });
  process.once('beforeExit', onEmpty);
  try {
    return await Promise.race([loading, stalled]);
  } finally {
    process.off('beforeExit', onEmpty);
  }
}

/**
 * Reads the default export of a module. A class is the root component of an application without further options.
 *
 * @throws {@link ConfigFileError} when the module does not exist, fails to load or does not export a mapping
 */
export async function readConfigModule(
  name: string,
  { cwd, importModule }: { readonly cwd: string; readonly importModule: (file: string) => Promise<object> },
): Promise<Layer> {
  const file = resolve(cwd, name);
  if (!existsSync(file)) throw new ConfigFileError(name, 'there is no such file');
  return await readBundledModule(name, file, () => importModule(file));
}

/**
 * Reads the default export of a module whose file may not exist, because it is inside a built application.
 *
 * @throws {@link ConfigFileError} when the module fails to load or does not export a mapping
 */
export async function readBundledModule(
  name: string,
  file: string,
  importModule: () => Promise<object>,
): Promise<Layer> {
  const exports = await load(name, importModule);
  if (!('default' in exports)) {
    throw new ConfigFileError(name, 'it has no default export', {
      help: ['write export default defineApp({ … })', 'export the class of the root component as default'],
    });
  }
  const data = defaultOf(exports.default);
  return dataLayer(name, file, typeof data === 'function' ? { component: { type: data } } : data);
}

/** Unwraps the default export of a module compiled to CommonJS, whose import nests it in another `default`. */
function defaultOf(exported: unknown): unknown {
  const isNested =
    typeof exported === 'object' && exported !== null && '__esModule' in exported && 'default' in exported;
  return isNested ? exported.default : exported;
}

async function load(name: string, importModule: () => Promise<object>): Promise<object> {
  let exports: object | undefined;
  try {
    exports = await untilLoaded(importModule());
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_UNKNOWN_FILE_EXTENSION' && name.endsWith('ts')) {
      const help = 'run it with `asphalt run`, or start Node with --import tsx';
      throw new ConfigFileError(name, 'it is TypeScript, which this process cannot load', { help, cause });
    }
    throw new ConfigFileError(name, `it failed while loading: ${describeThrown(cause)}`, { cause });
  }
  if (exports) return exports;
  throw new ConfigFileError(name, 'it never finishes loading', stalledModule);
}
