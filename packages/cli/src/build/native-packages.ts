/** Copies packages with native code next to the bundle, because a bundle can only contain JavaScript. */
import { cpSync, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { SharedCopyError } from './errors.ts';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Libraries that the application must not load twice. */
const shared = ['rxjs', '@asphalt/core'];

export class NativePackages {
  /** Whether each package contains native code, by folder. */
  readonly #known = new Map<string, boolean>();
  readonly #copied = new Map<string, string>();
  readonly #files = new Map<string, string>();
  readonly #target: string;

  /** @param target - the folder whose `node_modules` receives the packages */
  constructor(target: string) {
    this.#target = target;
  }

  /** The names of the packages that were copied. */
  get names(): string[] {
    return [...this.#copied.keys()].sort();
  }

  /** Returns whether a file is part of a package with native code. */
  has(file: string): boolean {
    const folder = packageFolder(file);
    if (folder === undefined) return false;
    const known = this.#known.get(folder) ?? isNative(folder);
    this.#known.set(folder, known);
    return known;
  }

  /** Returns the name of the module that loads the package of a file when it is imported. */
  moduleFor(id: string, file: string): string {
    this.#files.set(id, file);
    return id;
  }

  /**
   * Copies the packages that a bundle uses, with all of their dependencies.
   *
   * @throws {@link SharedCopyError} when one depends on a library that the bundle contains
   */
  copyUsed(modules: readonly string[]): void {
    for (const id of modules) {
      const file = this.#files.get(id);
      if (file !== undefined) this.#copyFolder(packageFolder(file)!, this.#target);
    }
  }

  #copyFolder(folder: string, into: string): void {
    const manifest = manifestOf(folder)!;
    const name = manifest.name!;
    const library = shared.find((each) => each in { ...manifest.dependencies, ...manifest.peerDependencies });
    if (library !== undefined) throw new SharedCopyError(name, library);
    // Two versions of one package cannot be in the same folder.
    const isTaken = this.#copied.has(name) && this.#copied.get(name) !== folder;
    if (this.#copied.get(name) === folder) return;
    const target = join(isTaken ? into : this.#target, 'node_modules', name);
    if (!isTaken) this.#copied.set(name, folder);
    const isOwn = (path: string): boolean => !path.slice(folder.length).includes(`${sep}node_modules`);
    cpSync(folder, target, { recursive: true, dereference: true, filter: isOwn });
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      const found = findPackage(dependency, folder);
      // Optional dependencies for other platforms are not installed.
      if (found !== undefined) this.#copyFolder(found, target);
    }
  }
}

/** Returns the folder of the package in `node_modules` that contains a file. */
export function packageFolder(file: string): string | undefined {
  if (!file.includes(`${sep}node_modules${sep}`)) return undefined;
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    // Manifests without a version only set the module type of a folder.
    if (manifestOf(folder)?.version !== undefined) return folder;
  }
  return undefined;
}

function findPackage(name: string, from: string): string | undefined {
  const folders = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, 'package.json')));
  return found === undefined ? undefined : realpathSync(found);
}

function isNative(folder: string): boolean {
  if (existsSync(join(folder, 'binding.gyp')) || hasBinary(folder)) return true;
  // Some packages have one further package with the native code for each platform.
  return Object.keys(manifestOf(folder)?.optionalDependencies ?? {}).some((name) => {
    const found = findPackage(name, folder);
    return found !== undefined && hasBinary(found);
  });
}

function hasBinary(folder: string, depth = 4): boolean {
  return readdirSync(folder, { withFileTypes: true }).some((entry) =>
    entry.isDirectory()
      ? depth > 0 && entry.name !== 'node_modules' && hasBinary(join(folder, entry.name), depth - 1)
      : entry.name.endsWith('.node'),
  );
}

export function manifestOf(folder: string): Manifest | undefined {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : undefined;
}
