import { Component, component, inject, startApplication, type Application, type Context } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { join } from 'node:path';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { SqliteDialect, type Dialect, type SqliteDatabase } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  Database,
  migrate,
  SqlBusyError,
  SqlCommitError,
  SqlComponent,
  SqlOpenError,
  Transaction,
} from '../src/index.ts';
import type { SqliteValue } from '../src/sqlite/interface.ts';
import { loadDriver } from '../src/sqlite/load-driver.ts';
import { createTables, tempFile, urls, type Schema } from './temp-database.ts';

@component({ components: { sql: SqlComponent } })
class App extends Component {
  @inject(Database) readonly db!: Database<Schema>;

  override async start(): Promise<void> {
    await createTables(this.db);
  }
}

async function start(sql: object = {}): Promise<Application> {
  const app = await startApplication(App, { config: { components: { sql } } });
  onTestFinished(() => app.stop());
  return app;
}

/** Opens a database with the interface that kysely's own dialect expects. */
async function likeBetterSqlite3(file: string): Promise<SqliteDatabase> {
  const { DatabaseSync } = await loadDriver();
  const database = new DatabaseSync(file);
  return {
    prepare: (text) => {
      const statement = database.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...(values as SqliteValue[])),
        run: (values) => statement.run(...(values as SqliteValue[])),
        iterate: () => expect.unreachable('no test streams'),
      };
    },
    close: () => database.close(),
  };
}

test.each(['file:./data.db', 'sqlite://data.db', 'SQLite:data.db', '~/data.db', '$HOME/data.db', 'data.db '])(
  'the file %j is a problem of the plan',
  async (file) => {
    const { problems } = await planApplication(App, { config: { components: { sql: { file } } } });
    expect(problems).toMatchObject([{ problems: [{ path: 'component.components.sql.file' }] }]);
    expect(problems[0]!.message).toMatchSnapshot();
  },
);

const database = (context: Context): Promise<Database<Schema>> => context.getResource(Database);
const transaction = (context: Context): Promise<Transaction<Schema>> => context.getResource(Transaction);

async function insert(context: Context, url: string): Promise<void> {
  const db = await transaction(context);
  await db.insertInto('page').values({ url }).execute();
}

describe('a Transaction', () => {
  test('is committed when its context ends without an error', async () => {
    const { context } = await start();
    await context.run((request) => insert(request, 'a'));
    expect(await urls(await database(context))).toEqual(['a']);
  });

  test('is rolled back when its context ends with an error', async () => {
    const { context } = await start();
    const broken = new Error('broken');
    const error = await errorOf(
      context.run(async (request) => {
        await insert(request, 'a');
        throw broken;
      }),
    );
    expect(error).toBe(broken);
    expect(await urls(await database(context))).toEqual([]);
  });

  test('is shared within its context and differs between contexts', async () => {
    const { context } = await start();
    const first = await context.run(async (request) => {
      const received = await Promise.all([transaction(request), transaction(request)]);
      expect(received[0]).toBe(received[1]);
      return received[0];
    });
    expect(await context.run(transaction)).not.toBe(first);
  });

  test('fails the end of its context if it cannot be committed, and the next one can start', async () => {
    const { context } = await start();
    const error = await errorOf(
      context.run(async (request) => {
        await insert(request, 'a');
        await (await transaction(request)).insertInto('version').values({ page: 7 }).execute();
      }),
    );
    expect(error).toMatchObject({ code: 'ERR_TEARDOWN', errors: [expect.any(SqlCommitError)] });
    expect((error.cause as Error).message).toMatchInlineSnapshot(`
      "The transaction could not be committed and was rolled back
        got          FOREIGN KEY constraint failed (SQLite result code 787)
        code         ERR_SQL_COMMIT"
    `);
    await context.run((request) => insert(request, 'b'));
    expect(await urls(await database(context))).toEqual(['b']);
  });

  test('waits for the transaction of another context', async () => {
    const { context } = await start();
    const order: string[] = [];
    const request = (name: string): Promise<void> =>
      context.run(async (own) => {
        await insert(own, name);
        order.push(`${name} writes`);
        await urls(await transaction(own));
        order.push(`${name} ends`);
      }, name);
    await Promise.all([request('a'), request('b')]);
    expect(order).toEqual(['a writes', 'a ends', 'b writes', 'b ends']);
    expect(await urls(await database(context))).toEqual(['a', 'b']);
  });

  test('that still waits is abandoned when its context is cancelled, and the context can close', async () => {
    const { context } = await start({ file: tempFile() });
    const left = new Error('the client has disconnected');
    await context.run(async (first) => {
      await insert(first, 'first');
      const leave = context.run(async (leaving) => {
        const waiting = transaction(leaving);
        leaving.cancel(left);
        await waiting;
      });
      expect(await errorOf(leave)).toBe(left);
    });
    expect(await urls(await database(context))).toEqual(['first']);
  });

  test('can start in a teardown of its context', async () => {
    const { context } = await start();
    await context.run(async (own) => own.onTeardown(() => insert(own, 'last')));
    expect(await urls(await database(context))).toEqual(['last']);
  });

  test('permits its context to read through the Database, but not to write through it', async () => {
    const { context } = await start({ file: tempFile(), wait: '20ms' });
    const error = await errorOf(
      context.run(async (request) => {
        await insert(request, 'a');
        const db = await database(request);
        expect(await urls(db)).toEqual([]);
        await db.insertInto('page').values({ url: 'b' }).execute();
      }),
    );
    expect(error).toBeInstanceOf(SqlBusyError);
    expect(await urls(await database(context))).toEqual([]);
  });
});

describe('SqlComponent', () => {
  test('keeps data in its file across restarts', async () => {
    const file = join(tempFolder(), 'data', 'pages.db');
    const first = await start({ file });
    await first.context.run((request) => insert(request, 'a'));
    await first.stop();
    const second = await start({ file });
    expect(await urls(await database(second.context))).toEqual(['a']);
  });

  test.each([undefined, ':memory:'])('keeps data in memory if `file` is %s', async (file) => {
    const first = await start(file === undefined ? {} : { file });
    await first.context.run((request) => insert(request, 'a'));
    await first.stop();
    const second = await start(file === undefined ? {} : { file });
    expect(await urls(await database(second.context))).toEqual([]);
  });

  test('fails the start when its file cannot be opened', async () => {
    const error = await errorOf(startApplication(App, { config: { components: { sql: { file: tempFolder() } } } }));
    expect(error.cause).toBeInstanceOf(SqlOpenError);
  });

  test('serves several databases, each with its own transactions', async () => {
    @component({ components: { sql: SqlComponent, 'sql/archive': SqlComponent } })
    class Two extends Component {
      override async start(
        @inject(Database) main: Database,
        @inject(Database, 'archive') archive: Database,
      ): Promise<void> {
        await createTables(main);
        await createTables(archive);
      }
    }
    const app = await startApplication(Two, {});
    onTestFinished(() => app.stop());
    await app.context.run(async (request) => {
      await insert(request, 'a');
      const archive: Transaction<Schema> = await request.getResource(Transaction, 'archive');
      await archive.insertInto('page').values({ url: 'old' }).execute();
    });
    expect(await urls(await database(app.context))).toEqual(['a']);
    expect(await urls(await app.context.getResource(Database, 'archive'))).toEqual(['old']);
  });

  test('uses the dialect of a subclass', async () => {
    const file = tempFile();

    class OtherSql extends SqlComponent {
      protected override async dialect(): Promise<Dialect> {
        return new SqliteDialect({ database: await likeBetterSqlite3(file) });
      }
    }
    @component({ components: { sql: OtherSql } })
    class Other extends App {}

    const app = await startApplication(Other, {});
    onTestFinished(() => app.stop());
    await migrate(await database(app.context), {
      '001': { up: (db) => db.schema.createTable('note').addColumn('text', 'text').execute() },
    });
    await app.context.run((request) => insert(request, 'a'));
    expect(await urls(await database(app.context))).toEqual(['a']);
  });

  test('logs statements without their parameters', async () => {
    const lines: string[] = [];
    const write = (message: string): void => void lines.push(message);
    const logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
    const app = await startApplication(App, { logger });
    onTestFinished(() => app.stop());
    await app.context.run((request) => insert(request, 'secret'));
    expect(lines.slice(-3)).toEqual(['begin', 'insert into "page" ("url") values (?)', 'commit']);
    expect(lines.join()).not.toContain('secret');
  });
});

test('Database and Transaction are the classes of kysely', async () => {
  const kysely = await import('kysely');
  expect(Database).toBe(kysely.Kysely);
  expect(Transaction).toBe(kysely.Transaction);
});

test('the compiler checks the types of injected databases and transactions', () => {
  class Consumer extends Component {
    @inject(Database) readonly any!: Database;
    @inject(Database) readonly typed!: Database<Schema>;
    @inject(Transaction) readonly transaction!: Transaction<Schema>;
    // @ts-expect-error -- a database is not a transaction
    @inject(Database) readonly wrong!: Transaction<Schema>;

    async misspelled(): Promise<void> {
      // @ts-expect-error -- no such table
      await this.typed.selectFrom('pages').selectAll().execute();
    }
  }
  expect(Consumer).toBeDefined();
});

test('the error for a missing database suggests the component', async () => {
  class Forgetful extends Component {
    @inject(Database) readonly db!: Database<Schema>;
  }
  const [problem] = (await planApplication(Forgetful)).problems;
  expect(problem?.message).toContain(`add ${SqlComponent.name} of @asphalt/sql to`);
});
