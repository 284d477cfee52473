/** Opens the file of a database, or explains why it cannot. */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type Libsql from 'libsql';
import { SqlOpenError, type OpenProblem } from '../errors.ts';

/** What a driver works with. */
export interface Handles {
  readonly writer: Libsql.Database;
  /** Reads what was committed last, whatever goes on in the writer. A database in memory has but one handle. */
  readonly reader: Libsql.Database | undefined;
}

/** With a write-ahead log, readers and the writer do not wait for each other, and a crash loses nothing committed. */
const fileSettings = 'pragma journal_mode = wal; pragma synchronous = normal;';
const settings = 'pragma foreign_keys = on;';
/** For the short moments in which another process holds the whole file: while it opens, repairs or closes it. */
const openMs = 1000;

/** Opens a database, whose file and folder are made where they are missing; without a file it lives in memory. */
export async function openHandles(file: string | undefined): Promise<Handles> {
  // Loaded late, for an application with another dialect has no use for the native library.
  const { default: Libsql } = await import('libsql');
  const open = (path: string, pragmas: string): Libsql.Database => {
    const handle = new Libsql(path, { timeout: openMs });
    try {
      handle.exec(pragmas);
      return handle;
    } catch (error) {
      handle.close();
      throw error;
    }
  };
  if (file === undefined) return { writer: open(':memory:', settings), reader: undefined };
  try {
    await mkdir(dirname(file), { recursive: true });
    // The writer waits by itself, without blocking the event loop as libsql would.
    const writer = open(file, `${fileSettings} ${settings} pragma busy_timeout = 0`);
    mustBeWritable(writer);
    return { writer, reader: open(file, `${settings} pragma query_only = on`) };
  } catch (error) {
    throw new SqlOpenError(file, await problemOf(file, error), error);
  }
}

/** SQLite opens a file that it may only read without a word, to fail at the first write. */
function mustBeWritable(handle: Libsql.Database): void {
  try {
    handle.exec('begin immediate; rollback');
  } catch (error) {
    if (codeOf(error) === 'SQLITE_BUSY') return;
    handle.close();
    throw error;
  }
}

/** The driver says little more than that it failed, so the file system is asked. */
async function problemOf(file: string, error: unknown): Promise<OpenProblem> {
  const codes = [codeOf(error), await codeOfAccess(file), await codeOfAccess(dirname(file))];
  const isOneOf = (...known: string[]): boolean => codes.some((code) => known.includes(code as string));
  if (isOneOf('SQLITE_NOTADB')) return 'not-a-database';
  if (isOneOf('SQLITE_READONLY', 'EACCES', 'EPERM', 'EROFS')) return 'no-permission';
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
