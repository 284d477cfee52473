/**
 * Loads the export that a reference in a configuration names: `./app.ts:Pagewatch` (relative to the file that contains
 * it) or `package#Export`. Distinguishes a missing module, a module that fails to load and a missing export. Must not
 * check whether the export is a component class.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import type { BundledModules } from '../config/bundled-modules.ts';
import { importFile, stalledModule, untilLoaded } from '../config/sources/module.ts';
import { describeThrown, type Explanation } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';

/** The reason why a reference cannot be loaded. */
export class ReferenceFault {
  constructor(
    readonly why: string,
    readonly help: string | readonly string[],
    readonly cause?: unknown,
    /** Further lines of the message. */
    readonly details: Explanation['details'] = [],
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
 * @param bundled - modules that take the place of files and packages
 */
export async function loadReference(
  reference: string,
  folder: string,
  otherwise = folder,
  bundled?: BundledModules,
): Promise<unknown> {
  const { module, sign, name } = partsOf(reference);
  const importBundled = bundled?.imports.get(moduleKey(module, folder));
  const found = importBundled ? resolve(folder, module) : moduleFile(module, folder, otherwise);
  if (found instanceof ReferenceFault) return found;
  let exports: object | undefined;
  try {
    exports = await untilLoaded(importBundled ? importBundled() : importFile(found));
  } catch (error) {
    const { loadFault } = await import('./load-fault.ts');
    const { why, help, cause, details } = loadFault(module, found, error);
    return new ReferenceFault(why, help, cause, details);
  }
  if (!exports) {
    const { note, help } = stalledModule;
    return new ReferenceFault(`${module} never finishes loading`, help, undefined, [['note', note]]);
  }
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

/** Returns the module that a reference names: the absolute path of its file, or the name of a package or of its entry. */
export function moduleKeyOf(reference: string, folder: string): string {
  return moduleKey(partsOf(reference).module, folder);
}

/** Finds the file that a reference imports, without loading it. */
export function moduleFileOf(reference: string, folder: string, otherwise = folder): string | ReferenceFault {
  return moduleFile(partsOf(reference).module, folder, otherwise);
}

function partsOf(reference: string): { readonly module: string; readonly sign: string; readonly name: string } {
  const [, module = reference, sign = ':', name = ''] = referencePattern.exec(reference) ?? [];
  return { module, sign, name };
}

function moduleKey(module: string, folder: string): string {
  return isFile(module) ? resolve(folder, module) : module;
}

function moduleFile(module: string, folder: string, otherwise: string): string | ReferenceFault {
  if (!isFile(module)) return packageFile(module, [folder, otherwise]);
  const file = resolve(folder, module);
  if (existsSync(file)) return file;
  const help = 'correct the path; it is relative to the file that contains it';
  return new ReferenceFault(`file ${file} does not exist`, help);
}

/** Returns the references that a text probably means which names a file without an export; undefined for other texts. */
export function referencesInFile(text: string, folder: string): string[] | undefined {
  if (!isFile(text) || isReference(text)) return undefined;
  const file = resolve(folder, text);
  const source = existsSync(file) && /\.[cm]?[jt]sx?$/.test(file) ? readFileSync(file, 'utf8') : '';
  return Array.from(source.matchAll(/^export (?:abstract )?class ([\w$]+)/gm), ([, name]) => `${text}:${name}`);
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
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') {
      return new ReferenceFault(`${name} failed to load: ${describeThrown(error)}`, 'fix its package.json', error);
    }
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
