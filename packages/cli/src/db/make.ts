/** `asphalt db make`: creates the files of a new migration. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Output } from '../terminal/output.ts';
import { migrationsFolder, type DbArguments } from './migrations.ts';

export const fileTypes = ['ts', 'js', 'sql'] as const;
export type FileType = (typeof fileTypes)[number];

export interface MakeOptions extends DbArguments {
  readonly name: string;
  /** Defaults to the type of the last migration, or `ts`. */
  readonly type: FileType | undefined;
  readonly stdout: Output;
}

/** Creates the files. Their name starts with the time, so they are the last migration. @returns the exit code */
export async function make({ name, type, stdout, ...args }: MakeOptions): Promise<number> {
  const folder = await migrationsFolder(args);
  mkdirSync(folder, { recursive: true });
  const time = new Date().toISOString().replaceAll(/[^\d]/g, '').slice(0, 14);
  for (const [end, text] of Object.entries(templates[type ?? lastType(folder)])) {
    const file = join(folder, `${time}_${name}${end}`);
    writeFileSync(file, text, { flag: 'wx' });
    stdout.write(`Created ${relative(process.cwd(), file)}\n`);
  }
  return 0;
}

function lastType(folder: string): FileType {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const types = files.map((file) => fileTypes.find((type) => file.endsWith(`.${type}`)));
  return types.findLast((type) => type !== undefined) ?? 'ts';
}

/** The files of each type, by the end of their names. */
const templates: Record<FileType, Readonly<Record<string, string>>> = {
  ts: {
    '.ts': `import type { Kysely } from 'kysely';

export async function up(db: Kysely<any>): Promise<void> {
}

export async function down(db: Kysely<any>): Promise<void> {
}
`,
  },
  js: {
    '.js': `/** @param {import('kysely').Kysely<any>} db */
export async function up(db) {
}

/** @param {import('kysely').Kysely<any>} db */
export async function down(db) {
}
`,
  },
  sql: { '.sql': '-- Changes the database.\n', '.down.sql': '-- Undoes the changes.\n' },
};
