/**
 * Turns a reference in a configuration into a class: `./app.ts:Pagewatch` (relative to the file that says it) or
 * `package:Export`. Tells apart a module that is not there, one that fails while it loads, and a missing export.
 */
import { existsSync } from 'node:fs';
import { extname, isAbsolute, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { describeThrown } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';

/** Why a reference leads nowhere. */
export class ReferenceFault {
  constructor(
    readonly why: string,
    readonly help: string,
    readonly cause?: unknown,
  ) {}
}

export function isReference(type: string): boolean {
  return type.includes(':');
}

/**
 * @param reference - `module:Export`
 * @param folder - where relative modules start
 */
export async function loadReference(reference: string, folder: string): Promise<unknown> {
  const colon = reference.lastIndexOf(':');
  const module = reference.slice(0, colon);
  const name = reference.slice(colon + 1);
  const isFile = module.startsWith('.') || isAbsolute(module);
  const file = resolve(folder, module);
  if (isFile && !existsSync(file)) {
    return new ReferenceFault(`there is no file ${file}`, 'correct the path; it is relative to the file that says it');
  }
  let exports: Record<string, unknown>;
  try {
    const url = isFile ? pathToFileURL(file).href : resolvePackage(module, folder);
    exports = (await import(/* @vite-ignore */ url)) as Record<string, unknown>;
  } catch (error) {
    return loadFault(module, isFile, error);
  }
  if (name in exports) return exports[name];
  const near = nearMisses(name, Object.keys(exports));
  const known = Object.keys(exports).join(', ');
  return new ReferenceFault(
    `${module} has no export "${name}"`,
    near[0] === undefined ? `name one of its exports: ${known === '' ? '(it has none)' : known}` : `did you mean ${module}:${near[0]}?`,
  );
}

/** Packages are looked for from the folder of the application, not from this package's. */
function resolvePackage(name: string, folder: string): string {
  return pathToFileURL(createRequire(resolve(folder, 'package.json')).resolve(name)).href;
}

function loadFault(module: string, isFile: boolean, error: unknown): ReferenceFault {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (!isFile && code === 'MODULE_NOT_FOUND') {
    return new ReferenceFault(`the package "${module}" is not installed`, `install it: npm install ${module}`, error);
  }
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /ts$/.test(extname(module))) {
    const help = 'run it with `asphalt run`, or start Node with --import tsx';
    return new ReferenceFault(`${module} is TypeScript, which this process cannot load`, help, error);
  }
  if (code === 'ERR_REQUIRE_CYCLE_MODULE') {
    const help = 'write "type": "module" into the package.json above it';
    return new ReferenceFault(`${module} is TypeScript in a CommonJS package, and applications are ES modules`, help);
  }
  if (/experimental decorators/i.test(describeThrown(error))) {
    const help = 'write a tsconfig.json beside it that says "extends": "@asphalt/core/tsconfig.json"';
    return new ReferenceFault(`${module} was compiled without "experimentalDecorators"`, help);
  }
  const help = 'mend the module; it was found, and failed while it was loading';
  return new ReferenceFault(`${module} failed while loading: ${describeThrown(error)}`, help, error);
}
