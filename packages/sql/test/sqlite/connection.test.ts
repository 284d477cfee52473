import { errorOf } from '@asphalt/test-support';
import { sql, type ControlledTransaction, type Kysely } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SqlBusyError } from '../../src/errors.ts';
import type { SqliteDatabase } from '../../src/sqlite/interface.ts';
import { loadDriver } from '../../src/sqlite/load-driver.ts';
import { open, tempFile, urls, type Schema } from '../temp-database.ts';

const begin = (db: Kysely<Schema>): Promise<ControlledTransaction<Schema>> => db.startTransaction().execute();

async function insert(db: Kysely<Schema>, url: string): Promise<void> {
  await db.insertInto('page').values({ url }).execute();
}

/** Opens a second connection, which SQLite treats like one of another process. */
async function otherProcess(file: string): Promise<SqliteDatabase> {
  const { DatabaseSync } = await loadDriver();
  const other = new DatabaseSync(file);
  onTestFinished(() => other.close());
  return other;
}

const places = [
  ['in a file', tempFile],
  ['in memory', async () => undefined],
] as const;

describe.each(places)('a database %s', (_, place) => {
  test('contains committed changes and no changes that were rolled back', async () => {
    const db = await open(await place());
    const kept = await begin(db);
    await insert(kept, 'kept');
    await kept.commit().execute();
    const undone = await begin(db);
    await insert(undone, 'undone');
    await undone.rollback().execute();
    expect(await urls(db)).toEqual(['kept']);
  });

  test('runs transactions in the order in which they are requested', async () => {
    const db = await open(await place());
    const order: string[] = [];
    const work = async (name: string): Promise<void> => {
      const transaction = await begin(db);
      order.push(`${name} starts`);
      await insert(transaction, name);
      await urls(transaction);
      order.push(`${name} ends`);
      await transaction.commit().execute();
    };
    await Promise.all([work('a'), work('b'), work('c')]);
    expect(order).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    expect(await urls(db)).toEqual(['a', 'b', 'c']);
  });

  test('delays a write outside a transaction until the open transaction ends', async () => {
    const db = await open(await place());
    const transaction = await begin(db);
    const write = insert(db, 'second');
    await insert(transaction, 'first');
    await transaction.commit().execute();
    await write;
    expect(await urls(db)).toEqual(['first', 'second']);
  });

  test('fails a write during a transaction that does not end', async () => {
    const db = await open(await place(), 20);
    const transaction = await begin(db);
    const error = await errorOf(insert(db, 'a'));
    expect(error).toBeInstanceOf(SqlBusyError);
    expect(error).toMatchObject({ code: 'ERR_SQL_BUSY', holder: 'transaction', waitMs: 20 });
    expect(await errorOf(begin(db))).toMatchObject({ holder: 'transaction', statement: 'begin immediate' });
    await transaction.rollback().execute();
    await insert(db, 'b');
    expect(await urls(db)).toEqual(['b']);
  });

  test('supports savepoints', async () => {
    const db = await open(await place());
    const transaction = await begin(db);
    await insert(transaction, 'a');
    const saved = await transaction.savepoint('odd "name"').execute();
    await insert(saved, 'b');
    const back = await saved.rollbackToSavepoint('odd "name"').execute();
    await back.releaseSavepoint('odd "name"').execute();
    await transaction.commit().execute();
    expect(await urls(db)).toEqual(['a']);
  });

  test('can repeat a failed commit after its cause was removed', async () => {
    const db = await open(await place());
    const transaction = await begin(db);
    await transaction.insertInto('version').values({ page: 1 }).execute();
    expect(await errorOf(transaction.commit().execute())).toMatchObject({ errcode: 787 });
    await insert(transaction, 'a');
    await transaction.commit().execute();
    expect(await urls(db)).toEqual(['a']);
  });

  test.each(['rollback', 'commit', `insert or rollback into page (url) values ('twice')`])(
    'rejects statements after %s has ended their transaction',
    async (ending) => {
      const db = await open(await place());
      await insert(db, 'twice');
      const transaction = await begin(db);
      await sql
        .raw(ending)
        .execute(transaction)
        .catch(() => undefined);
      for (const statement of [insert(transaction, 'late'), urls(transaction), transaction.commit().execute()])
        expect(await errorOf(statement)).toMatchObject({ code: 'ERR_SQL_STATEMENT', problem: 'ended-transaction' });
      await transaction.rollback().execute();
      await insert(db, 'next');
      expect(await urls(db)).toEqual(['twice', 'next']);
    },
  );

  test('rolls back a transaction that the user of a connection left open', async () => {
    const db = await open(await place());
    await db.connection().execute(async (connection) => {
      await sql`begin`.execute(connection);
      await insert(connection, 'a');
    });
    await insert(db, 'b');
    expect(await urls(db)).toEqual(['b']);
  });

  test('keeps the settings of a connection for its transaction', async () => {
    const db = await open(await place());
    await db.connection().execute(async (connection) => {
      await sql`pragma foreign_keys = off`.execute(connection);
      await connection
        .transaction()
        .execute((transaction) => transaction.insertInto('version').values({ page: 7 }).execute());
      await sql`pragma foreign_keys = on`.execute(connection);
    });
    expect(await db.selectFrom('version').select('page').execute()).toEqual([{ page: 7 }]);
  });

  test('executes statements that cannot run inside a transaction', async () => {
    const db = await open(await place());
    await sql`vacuum`.execute(db);
    expect((await sql`pragma user_version`.execute(db)).rows).toEqual([{ user_version: 0 }]);
  });

  test('closes after running work has ended', async () => {
    const db = await open(await place());
    const transaction = await begin(db);
    const closed = db.destroy();
    await insert(transaction, 'a');
    await transaction.commit().execute();
    await closed;
    expect((await errorOf(insert(db, 'b'))).message).toBe('driver has already been destroyed');
  });

  test('rolls back a transaction that does not end when it closes', async () => {
    const file = await place();
    const db = await open(file, 20);
    const transaction = await begin(db);
    await insert(transaction, 'a');
    await db.destroy();
    expect((await errorOf(insert(transaction, 'b'))).message).toBe('database is not open');
    expect((await errorOf(transaction.commit().execute())).message).toBe('database is not open');
    await transaction.rollback().execute();
    expect(await urls(await open(file))).toEqual([]);
  });
});

describe('a database in a file', () => {
  test('can be read during an open transaction, in its state before the transaction', async () => {
    const db = await open(tempFile(), 20);
    await insert(db, 'before');
    const transaction = await begin(db);
    await insert(transaction, 'within');
    expect(await urls(db)).toEqual(['before']);
    expect((await sql`select count(*) as pages from page`.execute(db)).rows).toEqual([{ pages: 1 }]);
    expect(await urls(transaction)).toEqual(['before', 'within']);
    await transaction.commit().execute();
    expect(await urls(db)).toEqual(['before', 'within']);
  });

  test('explains why a write fails during a transaction that does not end', async () => {
    const db = await open(tempFile(), 20);
    await begin(db);
    expect((await errorOf(insert(db, 'a'))).message).toMatchInlineSnapshot(`
      "The database was busy for 20 ms: a transaction of this process is open
        statement    insert into "page" ("url") values (?)
        note         only one transaction can write at a time; reading never waits
        help         in a context that has a Transaction, send the statement through it, not through the Database
                     or end transactions sooner: do slow work before they start or after they end
                     or raise the option \`wait\`
        code         ERR_SQL_BUSY"
    `);
  });

  test('waits for another process, and then contains its changes', async () => {
    const file = tempFile();
    const db = await open(file);
    const other = await otherProcess(file);
    other.exec("begin immediate; insert into page (url) values ('other')");
    const write = db.insertInto('page').values({ url: 'own' }).returning('id').executeTakeFirst();
    expect(await urls(db)).toEqual([]);
    other.exec('commit');
    expect(await write).toEqual({ id: 2 });
    expect(await urls(db)).toEqual(['other', 'own']);
  });

  const delayed = [
    "/* audit */ insert into page (url) values ('own')",
    "with w as (select 'own' as url) insert into page (url) select url from w",
    "-- returning\ninsert into page (url) values ('own') returning id",
    'pragma user_version = 3',
  ];
  test.each(delayed)('waits for another process and works after that: %s', async (text) => {
    const file = tempFile();
    const db = await open(file);
    const other = await otherProcess(file);
    other.exec("begin immediate; insert into page (url) values ('other')");
    const write = sql.raw(text).execute(db);
    expect(await urls(db)).toEqual([]);
    other.exec('commit');
    await write;
    const transaction = await begin(db);
    await insert(transaction, 'last');
    await transaction.commit().execute();
    expect((await urls(db)).filter((url) => url !== 'own')).toEqual(['other', 'last']);
    other.exec('delete from page');
    expect(await urls(db)).toEqual([]);
  });

  test('explains that another process does not end its transaction, and works after that', async () => {
    const file = tempFile();
    const db = await open(file, 20);
    const other = await otherProcess(file);
    other.exec("begin immediate; insert into page (url) values ('other')");
    expect((await errorOf(insert(db, 'a'))).message).toMatchInlineSnapshot(`
      "The database was busy for 20 ms: another process writes to the file
        statement    insert into "page" ("url") values (?)
        note         only one transaction can write at a time; reading never waits
        help         end the transaction of the other process
                     or raise the option \`wait\`
        code         ERR_SQL_BUSY"
    `);
    expect(await errorOf(begin(db))).toMatchObject({ holder: 'process' });
    expect(await urls(db)).toEqual([]);
    other.exec('commit');
    expect(await urls(db)).toEqual(['other']);
    await insert(db, 'b');
    other.exec("insert into page (url) values ('again')");
    expect(await urls(db)).toEqual(['other', 'b', 'again']);
  });

  test('contains changes of another process after a stream was abandoned', async () => {
    const file = tempFile();
    const db = await open(file);
    await db
      .insertInto('page')
      .values(Array.from({ length: 300 }, (_, index) => ({ url: `${index}` })))
      .execute();
    for await (const row of db.selectFrom('page').selectAll().stream()) if (row.id === 2) break;
    (await otherProcess(file)).exec('delete from page');
    expect(await urls(db)).toEqual([]);
  });
});

describe('a database in memory', () => {
  test('explains why a statement fails during a transaction that does not end', async () => {
    const db = await open(undefined, 20);
    await begin(db);
    expect((await errorOf(urls(db))).message).toMatchInlineSnapshot(`
      "The database was busy for 20 ms: a transaction of this process is open
        statement    select "url" from "page" order by "id"
        note         only one user can access a database in memory at a time
        help         in a context that has a Transaction, send the statement through it, not through the Database
                     or end transactions sooner: do slow work before they start or after they end
                     or raise the option \`wait\`
        code         ERR_SQL_BUSY"
    `);
  });

  test('explains that a connection is in use', async () => {
    const db = await open(undefined, 20);
    await db.connection().execute(async (connection) => {
      await urls(connection);
      expect((await errorOf(urls(db))).message).toMatchInlineSnapshot(`
        "The database was busy for 20 ms: a connection of this process is in use
          statement    select "url" from "page" order by "id"
          note         only one user can access a database in memory at a time
          help         finish the work inside \`connection().execute()\` sooner
                       or raise the option \`wait\`
          code         ERR_SQL_BUSY"
      `);
    });
  });
});

test('the stack of an error in a transaction contains the caller of the statement', async () => {
  const db = await open();
  const failing = db.transaction().execute(async (transaction) => {
    await sql`select missing`.execute(transaction);
  });
  expect((await errorOf(failing)).stack).toContain('connection.test.ts');
});
