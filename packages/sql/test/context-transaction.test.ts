import { errorOf } from '@asphalt/test-support';
import { Context } from '@asphalt/core';
import { describe, expect, test } from 'vitest';
import { beginTransaction } from '../src/context-transaction.ts';
import { open, tempFile, urls } from './temp-database.ts';

describe.each([
  ['in a file', tempFile],
  ['in memory', async () => undefined],
] as const)('a transaction of a database %s', (_, place) => {
  test('that waits is abandoned when its context is cancelled, and the next one can start', async () => {
    const db = await open(await place());
    const first = await beginTransaction(db, {}, new Context());
    const leaving = new Context();
    const abandoned = beginTransaction(db, {}, leaving);
    const next = beginTransaction(db, {}, new Context());
    const left = new Error('the client has disconnected');
    leaving.cancel(left);
    expect(await errorOf(abandoned)).toBe(left);
    await first.insertInto('page').values({ url: 'first' }).execute();
    await first.commit().execute();
    const transaction = await next;
    await transaction.insertInto('page').values({ url: 'next' }).execute();
    await transaction.commit().execute();
    expect(await urls(db)).toEqual(['first', 'next']);
  });

  test('is refused if its context was cancelled', async () => {
    const db = await open(await place());
    const left = new Error('the client has disconnected');
    const cancelled = new Context();
    cancelled.cancel(left);
    expect(await errorOf(beginTransaction(db, {}, cancelled))).toBe(left);
    await (await beginTransaction(db, {}, new Context())).commit().execute();
  });

  test('that has started stays open when its context is cancelled', async () => {
    const db = await open(await place());
    const leaving = new Context();
    const transaction = await beginTransaction(db, {}, leaving);
    leaving.cancel();
    await transaction.insertInto('page').values({ url: 'a' }).execute();
    await transaction.commit().execute();
    expect(await urls(db)).toEqual(['a']);
  });

  test('that times out after its context was cancelled does not block later ones', async () => {
    const db = await open(await place(), 20);
    const first = await beginTransaction(db, {}, new Context());
    const leaving = new Context();
    const abandoned = beginTransaction(db, {}, leaving);
    const patient = beginTransaction(db, {}, new Context());
    leaving.cancel();
    await errorOf(abandoned);
    expect(await errorOf(patient)).toMatchObject({ code: 'ERR_SQL_BUSY' });
    await first.commit().execute();
    await (await beginTransaction(db, {}, new Context())).commit().execute();
  });
});
