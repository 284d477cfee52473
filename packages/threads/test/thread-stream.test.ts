import { failureOf } from '@asphalt/test-support';
import { afterAll, expect, test } from 'vitest';
import { streamCapacity } from '../src/messages.ts';
import { ThreadCrashError, ThreadPool } from '../src/index.ts';
import { PictureError } from './modules/picture-error.ts';
import { shared, workIn, workUrl, written, type Work } from './use-pool.ts';

const pool = new ThreadPool();
const work = await pool.module<Work>(workUrl);
afterAll(() => pool.close());

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

test('the items of an async generator are streamed in order', async () => {
  const items = await read(work.count(shared(), 1000));
  expect(items).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
});

test('the items of a synchronous generator are streamed', async () => {
  expect(await read(work.squares(4))).toEqual([1, 4, 9, 16]);
});

test('several items of a stream can be requested concurrently', async () => {
  const items = work.squares(3)[Symbol.asyncIterator]();
  const results = await Promise.all([items.next(), items.next(), items.next(), items.next(), items.next()]);
  expect(results.map(({ value }) => value as unknown)).toEqual([1, 4, 9, undefined, undefined]);
  expect(results.map(({ done }) => done)).toEqual([false, false, false, true, true]);
});

test('a thread produces only as many items as the reader has room for, and leaving the loop ends the generator', async () => {
  const work = await workIn({ max: 1 });
  const made = shared();
  let ahead = 0;
  for await (const item of work.count(made)) {
    // The generator continues without its reader until the room is used up.
    while (item === 1 && Atomics.load(made, 0) < streamCapacity) await new Promise(setImmediate);
    ahead = Math.max(ahead, Atomics.load(made, 0) - item);
    if (item === 200) break;
  }
  expect(ahead).toBeGreaterThanOrEqual(streamCapacity - 1);
  expect(ahead).toBeLessThanOrEqual(streamCapacity);
  await written(made, 1);
  // The thread is free again.
  expect(await work.double(1)).toBe(2);
});

test('a failing stream yields the items before the failure, then throws the error', async () => {
  const work = await workIn({}, { errors: [PictureError] });
  const items: string[] = [];
  const error = await failureOf(async () => {
    for await (const item of work.failing()) items.push(item);
  });
  expect(items).toEqual(['first']);
  expect(error).toBeInstanceOf(PictureError);
});

test('a stream fails when its thread ends', async () => {
  expect(await failureOf(() => read(work.crashing()))).toBeInstanceOf(ThreadCrashError);
});

test('a stream fails if its items cannot be copied', async () => {
  expect(await failureOf(() => read(work.unclonableItems()))).toMatchObject({ name: 'DataCloneError' });
});

test('an abort ends a stream', async () => {
  const work = await workIn({ max: 1 });
  const abort = new AbortController();
  const error = await failureOf(async () => {
    for await (const item of work.count.with({ abort: abort.signal })(shared())) if (item === 3) abort.abort();
  });
  expect(error).toBe(abort.signal.reason);
  expect(await work.double(1)).toBe(2);
});

test('items of a stream can be moved instead of copied', async () => {
  expect(await read(work.chunks())).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(0)]);
});
