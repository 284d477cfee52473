/** Recognizes classes and objects of another installed copy of this package, for error messages. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In a built application, each use of `import.meta.url` creates a URL. */
const here = import.meta.url;

const brand: unique symbol = Symbol.for('@asphalt/core/copy') as never;

/** Marks a class, its subclasses and their instances as those of this copy. */
export function markCopy(type: { readonly prototype: object }): void {
  Object.defineProperty(type.prototype, brand, { value: here });
}

/** Returns the file of the other copy that an object belongs to; undefined if it belongs to this copy or to none. */
export function otherCopy(value: object): string | undefined {
  const copy = (value as { readonly [brand]?: string })[brand];
  return copy === here ? undefined : copy;
}

export const copiesHelp = [
  'install one version: run npm dedupe, or set the version under "overrides" in package.json',
  'run `asphalt doctor`, which lists the installed copies and their dependents',
] as const;

/** Returns the lines of a message that locate both copies. */
export function copiesDetails(other: string): Array<readonly [string, string]> {
  return [
    ['this copy', folderOf(here)],
    ['other copy', folderOf(other)],
    ['note', 'a copy does not know the decorators, tokens and contexts of another one'],
  ];
}

/** Returns the folder of the package that contains a file. */
function folderOf(url: string): string {
  if (!url.startsWith('file:')) return url;
  const file = fileURLToPath(url);
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return file;
}
