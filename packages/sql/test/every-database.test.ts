/** What holds for SQLite in a file, SQLite in memory, PostgreSQL and MariaDB. */
import { errorOf } from '@asphalt/test-support';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { afterCommit, ReadTransaction, savepoint } from '../src/index.ts';
import {
  insert,
  missing,
  serverKinds,
  sharedServer,
  sqlApp,
  transactionOf,
  urls,
  type ServerName,
  type SqlApp,
} from './server/sql-app.ts';
import { tempFile } from './temp-database.ts';

const servers = Object.keys(serverKinds) as ServerName[];

describe.each(['SQLite in a file', 'SQLite in memory'] as const)('in %s', (name) => {
  testsOf(name);
});
describe.skipIf(missing).each(servers)(`${missing || 'in %s'}`, (name) => {
  testsOf(name);
});

function testsOf(name: 'SQLite in a file' | 'SQLite in memory' | ServerName): void {
  const server = name === 'PostgreSQL' || name === 'MariaDB' ? sharedServer(name) : undefined;
  const start = async (): Promise<SqlApp> =>
    sqlApp(server ? { url: (await server()).url } : name === 'SQLite in a file' ? { file: tempFile() } : {});

  test('the link is up, and the health calls the database', async () => {
    const { app, link } = await start();
    expect(link.state).toBe('up');
    expect((await app.health()).status).toBe('up');
    expect(link.pool === undefined).toBe(server === undefined);
  });

  test('a part of a transaction that fails is undone, and the others are committed', async () => {
    const { context, db } = await start();
    const calls: string[] = [];
    await context.run(async (request) => {
      const transaction = await transactionOf(request);
      await insert(request, 'a');
      const broken = new Error('broken');
      const failing = savepoint(transaction, async (part) => {
        await part.insertInto('page').values({ url: 'b', hits: 0 }).execute();
        afterCommit(part, () => calls.push('b'));
        throw broken;
      });
      expect(await errorOf(failing)).toBe(broken);
      const duplicate = savepoint(transaction, () => insert(request, 'a'));
      await errorOf(duplicate);
      const nested = await savepoint(transaction, (outer) =>
        savepoint(outer, async (inner) => {
          await inner.insertInto('page').values({ url: 'c', hits: 0 }).execute();
          afterCommit(inner, () => calls.push('c'));
          return 'done';
        }),
      );
      expect(nested).toBe('done');
    });
    expect(await urls(db)).toEqual(['a', 'c']);
    expect(calls).toEqual(['c']);
  });

  test('savepoint and afterCommit refuse a transaction that belongs to no context', async () => {
    const { db } = await start();
    await db.transaction().execute(async (transaction) => {
      expect(() => afterCommit(transaction, () => undefined)).toThrowErrorMatchingInlineSnapshot(`
        [SqlScopeError: The transaction does not belong to a context
          help         pass the Transaction that the context provides: @inject(Transaction)
          code         ERR_SQL_SCOPE]
      `);
      expect(await errorOf(savepoint(transaction, async () => 1))).toMatchObject({ code: 'ERR_SQL_SCOPE' });
    });
  });

  test('a ReadTransaction reads, and refuses statements that write', async () => {
    const { context, db } = await start();
    await context.run((request) => insert(request, 'a'));
    const writing = context.run(async (request) => {
      const reading = await request.getResource(ReadTransaction);
      expect(await urls(reading)).toEqual(['a']);
      await sql`delete from page`.execute(reading);
    });
    expect((await errorOf(writing)).message).toMatch(/read-only|READ ONLY|only reads/);
    expect(await urls(db)).toEqual(['a']);
    await context.run((request) => insert(request, 'b'));
    expect(await urls(db)).toEqual(['a', 'b']);
  });
}

test('the compiler rejects methods that write in a ReadTransaction', () => {
  const use = async (reading: ReadTransaction<{ page: { url: string } }>): Promise<void> => {
    await reading.selectFrom('page').selectAll().execute();
    // @ts-expect-error -- a ReadTransaction only reads
    await reading.deleteFrom('page').execute();
  };
  expect(use).toBeDefined();
});
