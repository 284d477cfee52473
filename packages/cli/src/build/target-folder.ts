/** The folder of a build. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltConfig } from '../built/built-config.ts';
import { BuildFolderError } from './errors.ts';

/**
 * Removes the files of the last build from a folder. Files of other origins stay.
 *
 * @throws {@link BuildFolderError} when the folder contains files, but no build
 */
export function clearTarget(target: string): void {
  mkdirSync(target, { recursive: true });
  const config = join(target, 'config.json');
  const isBuild = existsSync(config) && existsSync(join(target, 'main.js'));
  if (!isBuild) {
    const [first] = readdirSync(target);
    if (first !== undefined) throw new BuildFolderError(target, first);
    return;
  }
  const { files = [] } = JSON.parse(readFileSync(config, 'utf8')) as Partial<BuiltConfig>;
  for (const name of [...files, 'cache']) rmSync(join(target, name), { recursive: true, force: true });
}

export function writeJson(target: string, name: string, data: object): void {
  writeFileSync(join(target, name), `${JSON.stringify(data)}\n`);
}
