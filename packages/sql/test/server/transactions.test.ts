import { Deferred, errorOf } from '@asphalt/test-support';
import type { IsolationLevel } from 'kysely';
import { describe, expect, test } from 'vitest';
import {
  afterCommit,
  SqlAfterCommitError,
  SqlCommitError,
  SqlCommitUnknownError,
  SqlLostError,
  SqlRetryError,
} from '../../src/index.ts';
import {
  insert,
  serverKinds,
  sharedServer,
  sqlApp,
  transactionOf,
  urls,
  type ServerName,
  type SqlApp,
  missing,
} from './sql-app.ts';

/** Returns the error of a transaction, which the end of its context wraps. */
async function commitErrorOf(running: Promise<unknown>): Promise<Error> {
  const error = await errorOf(running);
  expect(error).toMatchObject({ code: 'ERR_TEARDOWN' });
  return (error as AggregateError).errors[0] as Error;
}

describe.skipIf(missing).each(Object.keys(serverKinds) as ServerName[])(
  `${missing || 'a transaction of %s'}`,
  (name) => {
    const server = sharedServer(name);
    const start = async (options: object = {}): Promise<SqlApp> => sqlApp({ url: (await server()).url, ...options });

    test('is committed when its context ends without an error, and rolled back otherwise', async () => {
      const { context, db } = await start();
      await context.run((request) => insert(request, 'a'));
      const broken = new Error('broken');
      const failed = context.run(async (request) => {
        await insert(request, 'b');
        throw broken;
      });
      expect(await errorOf(failed)).toBe(broken);
      expect(await urls(db)).toEqual(['a']);
    });

    test('whose commit is answered by a broken connection is unknown, and its connection leaves the pool', async () => {
      const { context, db, link } = await start();
      const { wire } = await server();
      const running = context.run(async (request) => {
        await insert(request, 'a');
        void wire.cutAfter(/commit/i);
      });
      const error = await commitErrorOf(running);
      expect(error).toBeInstanceOf(SqlCommitUnknownError);
      expect(error.message.replace(/got .*/, 'got')).toMatchSnapshot();
      await wire.restore();
      expect(link.pool).toMatchObject({ size: 0, used: 0 });
      // The server had received the commit.
      expect(await urls(db)).toEqual(['a']);
    });

    test('whose connection breaks before the commit is rolled back', async () => {
      const { context, db } = await start();
      const { wire } = await server();
      const running = context.run(async (request) => {
        await insert(request, 'a');
        wire.cut();
        expect(await errorOf(insert(request, 'b'))).toBeInstanceOf(SqlLostError);
      });
      expect(await commitErrorOf(running)).toBeInstanceOf(SqlCommitError);
      expect(await urls(db)).toEqual([]);
    });

    test('that deadlocks fails with an SqlRetryError, and executes no further statement', async () => {
      const { context, db } = await start();
      await db
        .insertInto('page')
        .values([
          { url: 'a', hits: 0 },
          { url: 'b', hits: 0 },
        ])
        .execute();
      let arrived = 0;
      const met = new Deferred();
      const refusals: Error[] = [];
      const update = async (first: string, second: string): Promise<void> =>
        context.run(async (request) => {
          const transaction = await transactionOf(request);
          const hit = (url: string): Promise<unknown> =>
            transaction
              .updateTable('page')
              .set((eb) => ({ hits: eb('hits', '+', 1) }))
              .where('url', '=', url)
              .execute();
          await hit(first);
          if (++arrived === 2) met.resolve();
          await met.promise;
          await hit(second).catch(async (error: unknown) => {
            refusals.push(await errorOf(insert(request, 'c')));
            throw error;
          });
        });
      const outcomes = await Promise.allSettled([update('a', 'b'), update('b', 'a')]);
      const [failed] = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(failed!.reason).toBeInstanceOf(SqlRetryError);
      expect(refusals).toMatchObject([{ code: 'ERR_SQL_STATEMENT' }]);
      const rows = await db.selectFrom('page').selectAll().orderBy('url').execute();
      expect(rows).toEqual([
        { url: 'a', hits: 1 },
        { url: 'b', hits: 1 },
      ]);
    });

    test('that ignores a conflict is not committed', async () => {
      const { context, db } = await start({ isolation: 'serializable', lockTimeout: '1s' });
      await db.insertInto('page').values({ url: 'a', hits: 0 }).execute();
      await context.run(async (first) => {
        const other = await transactionOf(first);
        await other.updateTable('page').set({ hits: 1 }).where('url', '=', 'a').execute();
        const running = context.run(async (second) => {
          await insert(second, 'b');
          const transaction = await transactionOf(second);
          await errorOf(transaction.updateTable('page').set({ hits: 2 }).where('url', '=', 'a').execute());
        });
        await commitErrorOf(running);
      });
      expect(await urls(db)).toEqual(['a']);
    });

    test.each(['read committed', 'serializable'] satisfies IsolationLevel[])(
      'has the isolation %s',
      async (isolation) => {
        const { context, db } = await start({ isolation });
        const seen = await context.run(async (request) => {
          const transaction = await transactionOf(request);
          const before = await urls(transaction);
          if (isolation === 'read committed') await db.insertInto('page').values({ url: 'a', hits: 0 }).execute();
          else if (name === 'PostgreSQL') await db.insertInto('page').values({ url: 'a', hits: 0 }).execute();
          return [before, await urls(transaction)];
        });
        expect(seen).toEqual([[], isolation === 'read committed' ? ['a'] : []]);
      },
    );

    test('runs the callbacks of afterCommit after the commit, in order, and reports their errors once', async () => {
      const { context, db, lines } = await start();
      const events: unknown[] = [];
      await context.run(async (request) => {
        const transaction = await transactionOf(request);
        afterCommit(transaction, async () => events.push(await urls(db), request.state));
        afterCommit(transaction.withSchema('other'), () => {
          throw new Error('broken');
        });
        afterCommit(transaction, () => void events.push('last'));
        await insert(request, 'a');
      });
      expect(events).toEqual([['a'], 'closing', 'last']);
      const errors = lines.filter(({ level }) => level === 'error').map(({ message }) => message);
      expect(errors).toEqual([new SqlAfterCommitError(new Error('broken')).message]);
      const rolledBack = context.run(async (request) => {
        afterCommit(await transactionOf(request), () => void events.push('never'));
        throw new Error('broken');
      });
      await errorOf(rolledBack);
      expect(events).not.toContain('never');
    });
  },
);

test.skipIf(missing)(
  `${missing || 'a commit of PostgreSQL after a failed statement is not taken for a success'}`,
  async () => {
    const server = await serverKinds.PostgreSQL();
    try {
      const { context, db } = await sqlApp({ url: server.url });
      const running = context.run(async (request) => {
        await insert(request, 'a');
        await errorOf(insert(request, 'a'));
      });
      const error = await commitErrorOf(running);
      expect(error.message).toMatchInlineSnapshot(`
      "The transaction could not be committed and was rolled back
        got          a statement of the transaction had failed
        code         ERR_SQL_COMMIT"
    `);
      expect(await urls(db)).toEqual([]);
    } finally {
      await server.stop();
    }
  },
);
