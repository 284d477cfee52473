/** Loads the migrations of a folder. The name of a migration is that of its file without the extension. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Migration } from 'kysely';
import { SqlMigrationFileError } from './errors.ts';
import { executeScript } from '../script.ts';

const isModule = /(?<!\.d)\.[cm]?[jt]s$/u;
const endOfDown = '.down.sql';

/**
 * Loads modules that export `up` and `down`, and scripts: `NAME.sql`, with `NAME.down.sql` to roll it back. Ignores other
 * files.
 *
 * @throws {@link SqlMigrationFileError} when the folder or one of its files cannot be used
 */
export async function loadMigrations(folder: string): Promise<Record<string, Migration>> {
  const files = await filesIn(folder);
  const migrations = new Map<string, Migration>();
  const downs = new Set(files.filter((file) => file.endsWith(endOfDown)));
  for (const file of files) {
    const isScript = file.endsWith('.sql') && !downs.has(file);
    if (!isScript && !isModule.test(file)) continue;
    const name = file.slice(0, -extname(file).length);
    if (migrations.has(name)) throw new SqlMigrationFileError('twice', join(folder, file));
    const down = isScript && downs.delete(name + endOfDown) ? name + endOfDown : undefined;
    migrations.set(name, isScript ? scripts(folder, file, down) : await moduleOf(join(folder, file)));
  }
  for (const file of downs) throw new SqlMigrationFileError('down-only', join(folder, file));
  return Object.fromEntries(migrations);
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw new SqlMigrationFileError('unreadable', folder, error);
  }
}

function scripts(folder: string, up: string, down: string | undefined): Migration {
  const executing =
    (file: string): Migration['up'] =>
    async (db) =>
      executeScript(db, await readFile(join(folder, file), 'utf8'));
  return { up: executing(up), ...(down !== undefined && { down: executing(down) }) };
}

async function moduleOf(file: string): Promise<Migration> {
  const { up, down } = (await import(pathToFileURL(file).href)) as Partial<Migration>;
  if (typeof up !== 'function') throw new SqlMigrationFileError('no-up', file);
  return { up, ...(typeof down === 'function' && { down }) };
}
