/** The files of a new project, which stand in this package's `template` folder as they are to be. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AsphaltError } from '@asphalt/core';
import { packageFile } from '../terminal/package-files.ts';
import { shortPath } from '../terminal/place-text.ts';
import type { PackageManager } from './package-managers.ts';

const template = packageFile('template');

export interface TemplateValues {
  readonly name: string;
  readonly version: string;
  readonly packageManager: PackageManager;
}

/** npm leaves a `.gitignore` out of the packages that it makes. */
const renamed: Readonly<Record<string, string>> = { gitignore: '.gitignore' };

/** For pnpm alone; in a workspace of pnpm, such a file would make the project one of its own. */
const forPnpm = 'pnpm-workspace.yaml';

/**
 * Writes the files, with these values in place of `{{…}}`; none that is there already is touched.
 *
 * @returns their names
 */
export function copyTemplate(folder: string, values: TemplateValues): string[] {
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

/** Whether a folder or one above it has such a file. */
function isBelow(file: string, folder: string): boolean {
  return existsSync(join(folder, file)) || (folder !== dirname(folder) && isBelow(file, dirname(folder)));
}

/** @throws {@link OccupiedFolderError} when there are files in the folder; those of a repository alone may be there */
export function refuseOccupied(folder: string): void {
  if (!existsSync(folder)) return;
  const [first] = readdirSync(folder).filter((name) => name !== '.git');
  if (first !== undefined) throw new OccupiedFolderError(folder, first);
}

/** Raised when a new project is to be made in a folder that is not empty. */
export class OccupiedFolderError extends AsphaltError {
  readonly code = 'ERR_NEW_FOLDER';

  constructor(
    readonly folder: string,
    first: string,
  ) {
    super({
      summary: `The folder ${shortPath(folder)} is not empty: there is ${first}`,
      help: 'name a folder that is new or empty',
    });
  }
}
