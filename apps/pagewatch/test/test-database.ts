/**
 * Selects the database of the tests: SQLite, or a private server if the variable `PAGEWATCH_DATABASE` is `postgres` or
 * `mariadb`.
 */
import { createHash } from 'node:crypto';
import { mariadbServer, postgresServer, type TestServer } from '@asphalt/testing/servers';
import { sql } from 'kysely';
import { afterAll, beforeAll } from 'vitest';
import { openDatabase } from './open-database.ts';

/** The options of the component that select a database. */
export type DatabaseOptions = { readonly file: string } | { readonly url: string; readonly lockTimeout: string };

export interface Databases {
  /** Returns the options for a file, or for the database of a server that takes its place. */
  at(file: string): Promise<DatabaseOptions>;
}

const servers: Readonly<Record<string, () => Promise<TestServer>>> = {
  postgres: () => postgresServer(),
  mariadb: () => mariadbServer(),
};

/** Time limit for the start of a server, on a machine with other load. */
const startLimitMs = 60_000;

/** Call it once in each file. The server starts before the tests and stops after them. */
export function useDatabases(): Databases {
  const startServer = servers[process.env['PAGEWATCH_DATABASE'] ?? 'sqlite'];
  if (!startServer) return { at: async (file) => ({ file }) };
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await startServer();
  }, startLimitMs);
  afterAll(async () => server?.stop());
  const names = new Set<string>();
  return {
    async at(file) {
      const url = new URL(server!.url);
      const name = `pagewatch_${createHash('sha256').update(file).digest('hex').slice(0, 16)}`;
      if (!names.has(name)) {
        const { db, close } = await openDatabase({ url: url.href });
        await sql`create database ${sql.ref(name)}`.execute(db);
        await close();
        names.add(name);
      }
      url.pathname = name;
      return { url: url.href, lockTimeout: '1s' };
    },
  };
}

/** Returns the options as the value of one `--set`. */
export function sqlSetting(options: DatabaseOptions): string {
  return JSON.stringify({ file: null, ...options });
}
