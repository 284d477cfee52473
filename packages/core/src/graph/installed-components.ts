/**
 * Lists the component types that installed packages offer in the `asphalt` field of their package.json:
 *
 *     "asphalt": { "components": { "sql": ".#SqlComponent" } }
 *
 * Reads only packages that the application itself depends on, so a type never comes from a transitive dependency. Must
 * not load any module.
 */
import { promises } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isPlainObject, type PlainObject } from '../config/merge.ts';

/** A component type that a package offers. */
export interface InstalledComponent {
  /** Its name in the configuration, as an alias or as `type`. */
  readonly type: string;
  /** Reference to its class that is valid everywhere below `folder`, such as `@asphalt/sql#SqlComponent`. */
  readonly reference: string;
  /** The package that offers it. */
  readonly packageName: string;
  readonly version: string | undefined;
  readonly description: string | undefined;
  /** The folder whose package.json names the package among its dependencies. */
  readonly folder: string;
}

/**
 * Lists the component types of all dependencies, of any kind, that the package.json of a folder or of one above it
 * names. Sorts them by type. Skips malformed entries of the field and packages that are not installed.
 */
export async function installedComponents(folder: string): Promise<InstalledComponent[]> {
  const found = new Map<string, readonly InstalledComponent[]>();
  for (const above of foldersUpwards(resolve(folder))) {
    const manifest = await readManifest(above);
    const names = dependencyNames(manifest).filter((name) => !found.has(name));
    const offered = await Promise.all(names.map((name) => offeredBy(name, above)));
    names.forEach((name, index) => found.set(name, offered[index]!));
  }
  return [...found.values()].flat().sort((one, other) => compare(one.type, other.type));
}

/** An entry of the package's `exports` and the name of an export: `.#SqlComponent`, `./extra#ExtraComponent`. */
const offerPattern = /^\.(?:\/[^#]+)?#[^#]+$/;
const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

async function offeredBy(packageName: string, folder: string): Promise<InstalledComponent[]> {
  for (const above of foldersUpwards(folder)) {
    const manifest = await readManifest(join(above, 'node_modules', packageName));
    if (!manifest) continue;
    const { version, description } = manifest;
    return Object.entries(section(section(manifest, 'asphalt'), 'components')).flatMap(([type, offer]) =>
      typeof offer === 'string' && offerPattern.test(offer)
        ? {
            type,
            reference: `${packageName}${offer.slice(1)}`,
            packageName,
            version: typeof version === 'string' ? version : undefined,
            description: typeof description === 'string' ? description : undefined,
            folder,
          }
        : [],
    );
  }
  return [];
}

function dependencyNames(manifest: PlainObject | undefined): string[] {
  return [...new Set(dependencyFields.flatMap((field) => Object.keys(section(manifest, field))))];
}

function section(data: PlainObject | undefined, key: string): PlainObject {
  const value = data?.[key];
  return isPlainObject(value) ? value : {};
}

async function readManifest(folder: string): Promise<PlainObject | undefined> {
  try {
    const manifest: unknown = JSON.parse(await promises.readFile(join(folder, 'package.json'), 'utf8'));
    return isPlainObject(manifest) ? manifest : undefined;
  } catch {
    // A missing or unreadable package.json offers no types.
    return undefined;
  }
}

function* foldersUpwards(folder: string): Iterable<string> {
  yield folder;
  const above = dirname(folder);
  if (above !== folder) yield* foldersUpwards(above);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
