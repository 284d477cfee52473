/**
 * Turns a reference in a configuration into a class: `./app.ts:Pagewatch` (relative to the file that says it) or
 * `package:Export`. Tells apart a module that is not there, one that fails while it loads, and a missing export.
 */
import { existsSync, readFileSync } from 'node:fs';
import { extname, isAbsolute, join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';

/** Why a reference leads nowhere. */
export class ReferenceFault {
  constructor(
    readonly why: string,
    readonly help: string | readonly string[],
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
  let url: string;
  try {
    url = isFile ? pathToFileURL(file).href : resolvePackage(module, folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') return loadFault(module, error);
    return new ReferenceFault(`the package "${module}" is not installed`, `install it: npm install ${module}`, error);
  }
  let exports: Record<string, unknown>;
  try {
    exports = (await import(/* @vite-ignore */ url)) as Record<string, unknown>;
  } catch (error) {
    return loadFault(module, error);
  }
  if (name in exports) return exports[name];
  const near = nearMisses(name, Object.keys(exports));
  const known = Object.keys(exports).join(', ');
  return new ReferenceFault(
    `${module} has no export "${name}"`,
    near[0] === undefined
      ? `name one of its exports: ${known === '' ? '(it has none)' : known}`
      : `did you mean ${module}:${near[0]}?`,
  );
}

/** Packages are looked for from the folder of the application, not from this package's. */
function resolvePackage(name: string, folder: string): string {
  const require = createRequire(resolve(folder, 'package.json'));
  try {
    return pathToFileURL(require.resolve(name)).href;
  } catch (error) {
    // `require` does not see what a package exports for `import` alone.
    const exported = (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
    const file = exported ? importedFile(name, require.resolve.paths(name) ?? []) : undefined;
    if (file === undefined) throw error;
    return pathToFileURL(file).href;
  }
}

function importedFile(name: string, folders: readonly string[]): string | undefined {
  const [, packageName = '', entry = ''] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(name) ?? [];
  const home = folders
    .map((folder) => join(folder, packageName))
    .find((folder) => existsSync(join(folder, 'package.json')));
  if (home === undefined) return undefined;
  const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { exports?: Exports };
  const hasEntries = typeof exports === 'object' && Object.keys(exports).some((key) => key.startsWith('.'));
  const entries = hasEntries ? exports : { '.': exports };
  let target = (entries as { readonly [entry: string]: Exports | undefined })[`.${entry}`];
  while (typeof target === 'object') target = target['import'] ?? target['node'] ?? target['default'];
  return target === undefined ? undefined : join(home, target);
}

/** What a package.json says of one entry: a file, or files by condition. */
type Exports = string | { readonly [condition: string]: Exports };

function loadFault(module: string, error: unknown): ReferenceFault {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /ts$/.test(extname(module))) {
    const help = 'run it with `asphalt run`, or start Node with --import tsx';
    return new ReferenceFault(`${module} is TypeScript, which this process cannot load`, help, error);
  }
  if (code === 'ERR_REQUIRE_CYCLE_MODULE') {
    const help = 'write "type": "module" into the package.json above it';
    return new ReferenceFault(`${module} is TypeScript in a CommonJS package, and applications are ES modules`, help);
  }
  const [, file = module, line, told] = compilerError.exec(String(error)) ?? [];
  if (told !== undefined && /experimental decorators/i.test(told)) {
    const help = 'write a tsconfig.json above it that says "extends": "@asphalt/core/tsconfig.json"';
    return new ReferenceFault(`${file} was compiled without "experimentalDecorators"`, help);
  }
  const own = AsphaltError.is(error) ? error.explanation.help : undefined;
  const help = own ?? 'mend the module; it was found, and failed while it was loading';
  const why = told === undefined ? describeThrown(error) : `${told} (${file}:${line})`;
  return new ReferenceFault(`${module} failed while loading: ${why}`, help, error);
}

/** What the compiler that loads TypeScript says of the first error, behind a line that only counts the errors. */
const compilerError = /^(.+):(\d+):\d+: ERROR: (.*)$/m;
