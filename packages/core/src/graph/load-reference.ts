/**
 * Loads the export that a reference in a configuration names: `./app.ts:Pagewatch` (relative to the file that contains
 * it) or `package#Export`. Distinguishes a missing module, a module that fails to load and a missing export. Must not
 * check whether the export is a component class.
 */
import { existsSync, readFileSync } from 'node:fs';
import { extname, isAbsolute, join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { importFile, stalledModule, untilLoaded } from '../config/sources/module.ts';
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';

/** The reason why a reference cannot be loaded. */
export class ReferenceFault {
  constructor(
    readonly why: string,
    readonly help: string | readonly string[],
    readonly cause?: unknown,
  ) {}
}

/** The name of the export follows the last `:` or `#`. */
const referencePattern = /^(.+)([:#])([^:#]*)$/s;

export function isReference(type: string): boolean {
  return referencePattern.test(type);
}

/**
 * Loads a module and returns the export that a reference names.
 *
 * @param reference - `./file.ts:Export` or `package#Export`
 * @param folder - base of relative files, and first folder to search for packages
 * @param otherwise - second folder to search for packages
 */
export async function loadReference(reference: string, folder: string, otherwise = folder): Promise<unknown> {
  const [, module = reference, sign = ':', name = ''] = referencePattern.exec(reference) ?? [];
  const file = isFile(module) ? resolve(folder, module) : undefined;
  if (file !== undefined && !existsSync(file)) {
    const help = 'correct the path; it is relative to the file that contains it';
    return new ReferenceFault(`file ${file} does not exist`, help);
  }
  const found = file ?? packageFile(module, [folder, otherwise]);
  if (found instanceof ReferenceFault) return found;
  let exports: object | undefined;
  try {
    exports = await untilLoaded(importFile(found));
  } catch (error) {
    return loadFault(module, error);
  }
  if (!exports) return new ReferenceFault(`${module} never finishes loading: ${stalledModule.why}`, stalledModule.help);
  if (Object.hasOwn(exports, name)) return (exports as Record<string, unknown>)[name];
  const near = nearMisses(name, Object.keys(exports));
  const known = Object.keys(exports).join(', ');
  return new ReferenceFault(
    `${module} has no export "${name}"`,
    near[0] === undefined
      ? known === ''
        ? `export \`${name}\` from it`
        : `use one of its exports: ${known}`
      : `did you mean ${module}${sign}${near[0]}?`,
  );
}

function isFile(module: string): boolean {
  return module.startsWith('.') || isAbsolute(module);
}

/** Returns the package that a reference names, or undefined if it names a file. */
export function packageOf(reference: string): string | undefined {
  const [, module = reference] = referencePattern.exec(reference) ?? [];
  return isFile(module) ? undefined : packagePattern.exec(module)?.[1];
}

const packagePattern = /^((?:@[^/]+\/)?[^/]+)(.*)$/;

/** Finds the entry file of a package, searched from the folders of the application instead of this package's folder. */
function packageFile(name: string, folders: readonly string[]): string | ReferenceFault {
  const require = createRequire(import.meta.url);
  const home = packageHome(name, folders);
  try {
    // `require` would resolve the CommonJS entry, and an `import` of the same package would load a second copy.
    return importedFile(name, home) ?? require.resolve(name, { paths: [...folders] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') return loadFault(name, error);
    if (home !== undefined) {
      return new ReferenceFault(`the files of package "${name}" are missing`, 'build it or reinstall it', error);
    }
    return new ReferenceFault(`package "${name}" is not installed`, `install it: npm install ${name}`, error);
  }
}

function packageHome(name: string, folders: readonly string[]): string | undefined {
  const packageName = packagePattern.exec(name)?.[1] ?? name;
  return folders
    .flatMap((folder) => createRequire(resolve(folder, 'package.json')).resolve.paths(name) ?? [])
    .map((folder) => join(folder, packageName))
    .find((folder) => existsSync(join(folder, 'package.json')));
}

/** Returns the file that a package exports for `import`, if its `exports` have that condition. */
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

/** One entry of `exports` in a package.json: a file, or files by condition. */
type Exports = string | { readonly [condition: string]: Exports };

function loadFault(module: string, error: unknown): ReferenceFault {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /ts$/.test(extname(module))) {
    const help = 'run it with `asphalt run`, or start Node with --import tsx';
    return new ReferenceFault(`${module} is TypeScript, which this process cannot load`, help, error);
  }
  if (code === 'ERR_REQUIRE_CYCLE_MODULE') {
    const help = 'set "type": "module" in the nearest package.json';
    return new ReferenceFault(`${module} is TypeScript in a CommonJS package; applications must be ES modules`, help);
  }
  const [, file = module, line, message] = compilerError.exec(String(error)) ?? [];
  if (message !== undefined && /experimental decorators/i.test(message)) {
    const help = 'set "extends": "@asphalt/core/tsconfig.json" in a tsconfig.json that includes it';
    return new ReferenceFault(`${file} was compiled without "experimentalDecorators"`, help);
  }
  const own = AsphaltError.is(error) ? error.explanation.help : undefined;
  const help = own ?? 'fix the module; it exists but failed to load';
  const why = message === undefined ? describeThrown(error) : `${message} (${file}:${line})`;
  return new ReferenceFault(`${module} failed to load: ${why}`, help, error);
}

/** The first error in the output of the compiler that loads TypeScript. The line before it only counts the errors. */
const compilerError = /^(.+):(\d+):\d+: ERROR: (.*)$/m;
