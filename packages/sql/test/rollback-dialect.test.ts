import { Component, component, type Context } from '@asphalt/core';
import { startTestApplication, type TestApplication } from '@asphalt/testing';
import { errorOf } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Database, SqlBusyError, SqlComponent, Transaction } from '../src/index.ts';
import { open, tempFile, urls, type Schema } from './temp-database.ts';

@component({ components: { sql: SqlComponent } })
class App extends Component {}

async function start(sql: object): Promise<TestApplication> {
  const app = await startTestApplication(App, { config: { components: { sql: { rollback: true, ...sql } } } });
  onTestFinished(() => app.stop());
  return app;
}

/** Returns a file with the tables and a row. */
async function file(): Promise<string> {
  const path = tempFile();
  const db = await open(path);
  await db.insertInto('page').values({ url: 'before' }).execute();
  await db.destroy();
  return path;
}

const database = (context: Context): Database<Schema> => context.getResourceSync(Database);

const transactionOf = (context: Context): Promise<Transaction<Schema>> => context.getResource(Transaction);

async function insert(on: Database<Schema>, url: string): Promise<void> {
  await on.insertInto('page').values({ url }).execute();
}

describe('with the option rollback', () => {
  test('all changes are rolled back when the application stops', async () => {
    const path = await file();
    const app = await start({ file: path });
    const db = database(app.context);
    await insert(db, 'statement');
    await app.context.run(async (context) => insert(await transactionOf(context), 'context'));
    await db.transaction().execute((transaction) => insert(transaction, 'transaction'));
    expect(await urls(db)).toEqual(['before', 'statement', 'context', 'transaction']);
    await app.stop();
    expect(await urls(await open(path))).toEqual(['before']);
  });

  test('a context with an error rolls back its transaction only', async () => {
    const app = await start({ file: await file() });
    const db = database(app.context);
    await insert(db, 'kept');
    const broken = new Error('broken');
    const error = await errorOf(
      app.context.run(async (context) => {
        await insert(await transactionOf(context), 'undone');
        throw broken;
      }),
    );
    expect(error).toBe(broken);
    expect(await urls(db)).toEqual(['before', 'kept']);
  });

  test('a failing statement leaves the others as they are', async () => {
    const app = await start({ file: await file() });
    const db = database(app.context);
    const results = await Promise.allSettled(['a', 'before', 'b'].map((url) => insert(db, url)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await urls(db)).toEqual(['before', 'a', 'b']);
  });

  test('transactions take turns, and other statements do not wait for them', async () => {
    const app = await start({ file: await file() });
    const db = database(app.context);
    const first = await db.startTransaction().execute();
    await insert(first, 'first');
    const second = db.transaction().execute((transaction) => urls(transaction));
    expect(await urls(db)).toEqual(['before', 'first']);
    await first.rollback().execute();
    expect(await second).toEqual(['before']);
  });

  test('a savepoint of a transaction can be rolled back', async () => {
    const app = await start({ file: await file() });
    const transaction = await database(app.context).startTransaction().execute();
    await insert(transaction, 'kept');
    const saved = await transaction.savepoint('here').execute();
    await insert(saved, 'undone');
    await saved.rollbackToSavepoint('here').execute();
    await transaction.commit().execute();
    expect(await urls(database(app.context))).toEqual(['before', 'kept']);
  });

  test('a transaction that waits for another one of its own code fails', async () => {
    const app = await start({ file: await file(), wait: '20ms' });
    const db = database(app.context);
    const error = await errorOf(db.transaction().execute(() => db.transaction().execute(async () => undefined)));
    expect(error).toBeInstanceOf(SqlBusyError);
    expect(error.message).toMatchInlineSnapshot(`
      "The database was busy for 20 ms: a transaction of this process is open
        statement    begin
        note         with the option \`rollback\`, only one transaction can be open at a time
        help         in a context that has a Transaction, send the statement through it, not through the Database
                     or end transactions sooner: do slow work before they start or after they end
                     or raise the option \`wait\`
        code         ERR_SQL_BUSY"
    `);
    await db.transaction().execute((transaction) => insert(transaction, 'later'));
    expect(await urls(db)).toEqual(['before', 'later']);
  });
});
