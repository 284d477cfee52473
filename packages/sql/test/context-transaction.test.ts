import { errorOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { beginTransaction } from '../src/context-transaction.ts';
import { open, tempFile, urls } from './temp-database.ts';

describe.each([
  ['in a file', tempFile],
  ['in memory', async () => undefined],
] as const)('a transaction of a database %s', (_, place) => {
  test('that waits is abandoned when its signal aborts, and the next one can start', async () => {
    const db = await open(await place());
    const first = await beginTransaction(db, {});
    const leaving = new AbortController();
    const abandoned = beginTransaction(db, {}, leaving.signal);
    const next = beginTransaction(db, {});
    const left = new Error('the client has disconnected');
    leaving.abort(left);
    expect(await errorOf(abandoned)).toBe(left);
    await first.insertInto('page').values({ url: 'first' }).execute();
    await first.commit().execute();
    const transaction = await next;
    await transaction.insertInto('page').values({ url: 'next' }).execute();
    await transaction.commit().execute();
    expect(await urls(db)).toEqual(['first', 'next']);
  });

  test('is refused if its signal has aborted', async () => {
    const db = await open(await place());
    const left = new Error('the client has disconnected');
    expect(await errorOf(beginTransaction(db, {}, AbortSignal.abort(left)))).toBe(left);
    await (await beginTransaction(db, {})).commit().execute();
  });

  test('that has started stays open when its signal aborts', async () => {
    const db = await open(await place());
    const leaving = new AbortController();
    const transaction = await beginTransaction(db, {}, leaving.signal);
    leaving.abort();
    await transaction.insertInto('page').values({ url: 'a' }).execute();
    await transaction.commit().execute();
    expect(await urls(db)).toEqual(['a']);
  });

  test('that times out after its signal aborted does not block later ones', async () => {
    const db = await open(await place(), 20);
    const first = await beginTransaction(db, {});
    const leaving = new AbortController();
    const abandoned = beginTransaction(db, {}, leaving.signal);
    const patient = beginTransaction(db, {});
    leaving.abort();
    await errorOf(abandoned);
    expect(await errorOf(patient)).toMatchObject({ code: 'ERR_SQL_BUSY' });
    await first.commit().execute();
    await (await beginTransaction(db, {})).commit().execute();
  });
});
