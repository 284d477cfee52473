/**
 * Turns a reference in a configuration into a class: `./app.ts:Pagewatch` (relative to the file that says it) or
 * `package#Export`. Tells apart a module that is not there, one that fails while it loads, and a missing export.
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

/** The name of an export stands behind the last `:` or `#`. */
const referencePattern = /^(.+)([:#])([^:#]*)$/s;

export function isReference(type: string): boolean {
  return referencePattern.test(type);
}

/**
 * @param reference - `./file.ts:Export` or `package#Export`
 * @param folder - where files start, and where packages are looked for first
 * @param otherwise - where packages are looked for then
 */
export async function loadReference(reference: string, folder: string, otherwise = folder): Promise<unknown> {
  const [, module = reference, sign = ':', name = ''] = referencePattern.exec(reference) ?? [];
  const file = isFile(module) ? resolve(folder, module) : undefined;
  if (file !== undefined && !existsSync(file)) {
    return new ReferenceFault(`there is no file ${file}`, 'correct the path; it is relative to the file that says it');
  }
  const found = file ?? packageFile(module, [folder, otherwise]);
  if (found instanceof ReferenceFault) return found;
  let exports: Record<string, unknown>;
  try {
    exports = (await import(/* @vite-ignore */ pathToFileURL(found).href)) as Record<string, unknown>;
  } catch (error) {
    return loadFault(module, error);
  }
  if (Object.hasOwn(exports, name)) return exports[name];
  const near = nearMisses(name, Object.keys(exports));
  const known = Object.keys(exports).join(', ');
  return new ReferenceFault(
    `${module} has no export "${name}"`,
    near[0] === undefined
      ? `name one of its exports: ${known === '' ? '(it has none)' : known}`
      : `did you mean ${module}${sign}${near[0]}?`,
  );
}

function isFile(module: string): boolean {
  return module.startsWith('.') || isAbsolute(module);
}

/** The package that a reference names; undefined where it names a file. */
export function packageOf(reference: string): string | undefined {
  const [, module = reference] = referencePattern.exec(reference) ?? [];
  return isFile(module) ? undefined : packagePattern.exec(module)?.[1];
}

const packagePattern = /^((?:@[^/]+\/)?[^/]+)(.*)$/;

/** Packages are looked for from the folder of the application, not from this package's. */
function packageFile(name: string, folders: readonly string[]): string | ReferenceFault {
  const require = createRequire(import.meta.url);
  const home = packageHome(name, folders);
  try {
    // `require` would take what a package has for CommonJS, beside which an import of it is another copy.
    return importedFile(name, home) ?? require.resolve(name, { paths: [...folders] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') return loadFault(name, error);
    if (home !== undefined) {
      return new ReferenceFault(`${name} is a package without its files`, `build it, or install it again`, error);
    }
    return new ReferenceFault(`the package "${name}" is not installed`, `install it: npm install ${name}`, error);
  }
}

function packageHome(name: string, folders: readonly string[]): string | undefined {
  const packageName = packagePattern.exec(name)?.[1] ?? name;
  return folders
    .flatMap((folder) => createRequire(resolve(folder, 'package.json')).resolve.paths(name) ?? [])
    .map((folder) => join(folder, packageName))
    .find((folder) => existsSync(join(folder, 'package.json')));
}

/** The file that a package has for `import`, if it has one for that alone. */
function importedFile(name: string, home: string | undefined): string | undefined {
  if (home === undefined) return undefined;
  const entry = `.${packagePattern.exec(name)?.[2] ?? ''}`;
  const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { exports?: Exports };
  const hasEntries = typeof exports === 'object' && Object.keys(exports).some((key) => key.startsWith('.'));
  const entries = hasEntries ? exports : { '.': exports };
  let target = (entries as { readonly [entry: string]: Exports | undefined })[entry];
  let isForImport = false;
  while (typeof target === 'object') {
    isForImport ||= 'import' in target;
    target = target['import'] ?? target['node'] ?? target['default'];
  }
  return isForImport && target !== undefined ? join(home, target) : undefined;
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
