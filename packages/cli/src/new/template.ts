/** Copies the files of a new project from the `template` folder of this package and fills in its values. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AsphaltError } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';
import { packageFile } from '../terminal/package-files.ts';
import { shortPath } from '../terminal/place-text.ts';
import type { PackageManager } from './package-managers.ts';

const template = packageFile('template');

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
export function copyTemplate(folder: string, values: TemplateValues): string[] {
  return usingFolder(folder, () => writeFiles(folder, values));
}

function writeFiles(folder: string, values: TemplateValues): string[] {
  const isForPnpm = values.packageManager === 'pnpm' && !isBelow(forPnpm, folder);
  const names = readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(template.length + 1))
    .filter((name) => name !== forPnpm || isForPnpm)
    .sort();
  return names.map((name) => {
    const target = join(folder, renamed[name] ?? name);
    const content = readFileSync(join(template, name), 'utf8');
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      content.replaceAll(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key as keyof TemplateValues] ?? whole),
      { flag: 'wx' },
    );
    return renamed[name] ?? name;
  });
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
