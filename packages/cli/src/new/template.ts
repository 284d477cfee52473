/**
 * Copies the files of a new project from the `template` folder of this package and fills in its values. The folder has a
 * subfolder of each kind, and one of the files that all kinds have in common.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AsphaltError } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';
import { packageFile } from '../terminal/package-files.ts';
import { shortPath } from '../terminal/place-text.ts';
import type { ProjectKind } from './kinds.ts';
import type { PackageManager } from './package-managers.ts';

const templates = packageFile('template');

export interface TemplateValues {
  readonly name: string;
  readonly version: string;
  readonly packageManager: PackageManager;
}

/** npm excludes `.gitignore` files from packages, so the template has another name for it. */
const renamed: Readonly<Record<string, string>> = { gitignore: '.gitignore' };

/** Copied for pnpm only. Inside of a pnpm workspace, this file would turn the project into a separate workspace. */
const forPnpm = 'pnpm-workspace.yaml';

/**
 * Writes the files, with these values in place of `{{…}}`. Never overwrites an existing file.
 *
 * @returns the names of the files
 * @throws {@link ProjectFolderError} when they cannot be written
 */
export function copyTemplate(folder: string, kind: ProjectKind, values: TemplateValues): string[] {
  return usingFolder(folder, () => writeFiles(folder, kind, values));
}

function writeFiles(folder: string, kind: ProjectKind, values: TemplateValues): string[] {
  const isForPnpm = values.packageManager === 'pnpm' && !isBelow(forPnpm, folder);
  const files = new Map<string, string>();
  // A file of the kind replaces a common one.
  for (const { name, path } of [join(templates, 'common'), join(templates, kind)].flatMap(filesIn)) {
    if (name !== forPnpm || isForPnpm) files.set(renamed[name] ?? name, path);
  }
  for (const [name, path] of files) {
    const target = join(folder, name);
    const content = readFileSync(path, 'utf8');
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      content.replaceAll(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key as keyof TemplateValues] ?? whole),
      { flag: 'wx' },
    );
  }
  return [...files.keys()].sort();
}

/** Returns all files below a folder, with their names relative to it. */
function filesIn(folder: string): Array<{ readonly path: string; readonly name: string }> {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, name: path.slice(folder.length + 1) }));
}

/** Whether a folder or one of its parents contains the file. */
function isBelow(file: string, folder: string): boolean {
  return existsSync(join(folder, file)) || (folder !== dirname(folder) && isBelow(file, dirname(folder)));
}

/**
 * @throws {@link OccupiedFolderError} when the folder contains files other than `.git`
 * @throws {@link ProjectFolderError} when it is no folder or cannot be read
 */
export function refuseOccupied(folder: string): void {
  if (!existsSync(folder)) return;
  const [first] = usingFolder(folder, () => readdirSync(folder)).filter((name) => name !== '.git');
  if (first !== undefined) throw new OccupiedFolderError(folder, first);
}

/** Thrown when the folder of a new project is not empty. */
export class OccupiedFolderError extends AsphaltError {
  readonly code = 'ERR_NEW_FOLDER';

  constructor(
    readonly folder: string,
    first: string,
  ) {
    super({
      summary: `The folder ${shortPath(folder)} is not empty: it contains ${first}`,
      help: 'name a new or empty folder',
    });
  }
}

function usingFolder<T>(folder: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    // The error is the system's, and its stack would point into this file.
    if (error instanceof Error) error.stack = String(error);
    throw new ProjectFolderError(folder, error);
  }
}

/** Thrown when no project can be written into a folder. */
export class ProjectFolderError extends AsphaltError {
  readonly code = 'ERR_NEW_WRITE';

  constructor(
    readonly folder: string,
    cause: unknown,
  ) {
    super(
      {
        summary: `Cannot create a project in ${shortPath(folder)}`,
        details: [['got', cause instanceof Error ? cause.message : describeThrown(cause)]],
        help: 'name a folder that does not exist yet, in one that you may write to',
      },
      { cause },
    );
  }
}
