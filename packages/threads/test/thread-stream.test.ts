import { failureOf } from '@asphalt/test-support';
import { afterAll, expect, test } from 'vitest';
import { streamCapacity } from '../src/messages.ts';
import { ThreadCrashError, ThreadPool } from '../src/index.ts';
import { PictureError } from './modules/picture-error.ts';
import { poolWith, release, shared, workIn, workUrl, written, type Work } from './use-pool.ts';

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

test('a stream fails and its generator ends if its items cannot be copied', async () => {
  const work = await workIn({ max: 1 });
  const ended = shared();
  expect(await failureOf(() => read(work.unclonableItems(ended)))).toMatchObject({ name: 'DataCloneError' });
  expect(await work.double(1)).toBe(2);
  expect(Atomics.load(ended, 0)).toBe(1);
});

test('a stream fails if the final value of its generator cannot be copied', async () => {
  expect(await failureOf(() => read(work.unclonableEnd()))).toMatchObject({ name: 'DataCloneError' });
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

test('leaving the loop ends a generator that waits, with its thread', async () => {
  const work = await workIn({ max: 1, graceMs: 1 });
  const items: string[] = [];
  for await (const item of work.waiting()) {
    items.push(item);
    break;
  }
  expect(items).toEqual(['first']);
  expect(await work.double(1)).toBe(2);
});

test('a reader can leave while it waits for an item', async () => {
  const work = await workIn({ max: 1, graceMs: 1 });
  const items = work.waiting()[Symbol.asyncIterator]();
  expect(await items.next()).toEqual({ done: false, value: 'first' });
  const pending = items.next();
  expect(await items.return!()).toEqual({ done: true, value: undefined });
  expect(await pending).toEqual({ done: true, value: undefined });
  expect(await items.next()).toEqual({ done: true, value: undefined });
  expect(await work.double(1)).toBe(2);
});

test('an iterator that ends its wait when its reader leaves keeps its thread', async () => {
  const work = await workIn({ max: 1, graceMs: 2 ** 30 });
  const before = await work.thread();
  for await (const item of work.events()) {
    expect(item).toEqual(['first']);
    break;
  }
  expect(await work.thread()).toBe(before);
});

test('leaving a stream whose call waits for a thread removes the call from the queue', async () => {
  const pool = poolWith({ max: 1 });
  const work = await pool.module<Work>(workUrl);
  const held = shared();
  const first = work.hold(held);
  await written(held);
  const items = work.squares(3)[Symbol.asyncIterator]();
  const pending = items.next();
  expect(pool.waiting).toBe(1);
  expect(await items.return!()).toEqual({ done: true, value: undefined });
  expect(await pending).toEqual({ done: true, value: undefined });
  expect(pool.waiting).toBe(0);
  release(held);
  expect(await first).toBe('released');
});

test('a reader can leave before the function has returned a stream', async () => {
  const work = await workIn({ max: 1, graceMs: 1 });
  const numbers = shared();
  const items = (work.neverStreams(numbers) as unknown as AsyncIterable<string>)[Symbol.asyncIterator]();
  const pending = items.next();
  await written(numbers);
  expect(await items.return!()).toEqual({ done: true, value: undefined });
  expect(await pending).toEqual({ done: true, value: undefined });
  expect(await work.double(1)).toBe(2);
});

test('leaving the loop throws the error of a generator that fails while it ends', async () => {
  const work = await workIn({ max: 1 }, { errors: [PictureError] });
  const error = await failureOf(async () => {
    for await (const item of work.failingAtEnd()) if (item === 'first') break;
  });
  expect(error).toBeInstanceOf(PictureError);
  expect(await work.double(1)).toBe(2);
});
