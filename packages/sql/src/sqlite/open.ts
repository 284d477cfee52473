/** Opens the file of a database, or throws an error that explains why this is impossible. */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SqlOpenError, type OpenProblem } from '../errors.ts';
import { ReaderRules, WriterWatch } from './authorizers.ts';
import { Handle } from './handle.ts';
import { isBusy, isReadOnly, kindOf, resultCode, type SqliteDatabase, type SqliteModule } from './interface.ts';
import { loadDriver, type SqliteDriverName } from './load-driver.ts';
import { whileBusy } from './while-busy.ts';

export interface SqliteOptions {
  /** The database file; without it, the data are in memory. */
  readonly file?: string | undefined;
  /** Time limit for a statement or transaction that waits for a busy database, in milliseconds. */
  readonly waitMs: number;
  /** The driver; by default the built-in one, or the package on runtimes without a stable built-in driver. */
  readonly driver?: SqliteDriverName | undefined;
}

/** The open connections to one database. */
export interface Handles {
  readonly writer: Handle;
  /** Reads the last committed data during an open transaction. Undefined in memory, where only one connection exists. */
  readonly reader: Handle | undefined;
  readonly readerRules: ReaderRules;
  readonly writerWatch: WriterWatch;
}

/** With a write-ahead log, readers and the writer do not wait for each other, and a crash loses nothing committed. */
const fileSettings = ['pragma journal_mode = wal', 'pragma synchronous = normal'];
/** Without `busy_timeout`, SQLite fails immediately if it is locked. This package waits without blocking the event loop. */
const settings = ['pragma busy_timeout = 0', 'pragma foreign_keys = on'];

/** Opens a database, and creates its file and folder if they do not exist. */
export async function openHandles({ file, waitMs, driver }: SqliteOptions): Promise<Handles> {
  const { DatabaseSync } = await loadDriver(driver);
  const readerRules = new ReaderRules();
  const writerWatch = new WriterWatch();
  if (file === undefined) {
    const writer = new Handle(openDatabase(':memory:', DatabaseSync, settings));
    return { writer, reader: undefined, readerRules, writerWatch };
  }
  const openBoth = (): Handles => {
    const writer = openDatabase(file, DatabaseSync, [...settings, ...fileSettings]);
    try {
      mustBeWritable(writer);
      const reader = openDatabase(file, DatabaseSync, settings, { readOnly: true });
      return {
        writer: new Handle(writer, writerWatch),
        reader: new Handle(reader, readerRules),
        readerRules,
        writerWatch,
      };
    } catch (error) {
      writer.close();
      throw error;
    }
  };
  try {
    await mkdir(dirname(file), { recursive: true });
    return await whileBusy(openBoth, waitMs);
  } catch (error) {
    throw new SqlOpenError(file, await problemOf(file, error), error);
  }
}

function openDatabase(
  path: string,
  DatabaseSync: SqliteModule['DatabaseSync'],
  pragmas: readonly string[],
  options: { readonly readOnly?: boolean } = {},
): SqliteDatabase {
  const database = new DatabaseSync(path, options);
  try {
    // Deno reports no result code when `exec` fails.
    for (const pragma of pragmas) database.prepare(pragma).get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Checks write permission: SQLite opens a file without it and fails only at the first write. */
function mustBeWritable(database: SqliteDatabase): void {
  try {
    database.prepare('begin immediate').run();
    database.prepare('rollback').run();
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
}

/** Determines the problem, also by checking the file system, because the driver reports few details. */
async function problemOf(file: string, error: unknown): Promise<OpenProblem> {
  const kind = kindOf(error);
  const codes = [codeOf(error), await codeOfAccess(file), await codeOfAccess(dirname(file))];
  const isOneOf = (...known: string[]): boolean => codes.some((code) => known.includes(code as string));
  if (isBusy(error)) return 'locked';
  if (kind === resultCode.notADatabase) return 'not-a-database';
  if (isReadOnly(error) || isOneOf('EACCES', 'EPERM', 'EROFS')) return 'no-permission';
  if (isOneOf('ENOTDIR', 'EEXIST')) return 'no-folder';
  const isFolder = await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? 'is-a-folder' : 'unknown';
}

async function codeOfAccess(path: string): Promise<unknown> {
  return access(path, constants.R_OK | constants.W_OK).then(() => undefined, codeOf);
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
