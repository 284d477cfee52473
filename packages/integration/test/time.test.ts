import { stat } from 'node:fs/promises';
import { Deferred, failureOf } from '@asphalt/test-support';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { late, within } from '../src/index.ts';

// A turn of the event loop stays real, as the one in which replies are read.
const timers: Parameters<typeof vi.useFakeTimers>[0] = { toFake: ['setTimeout', 'clearTimeout', 'performance'] };

beforeEach(() => void vi.useFakeTimers(timers));
afterEach(() => void vi.useRealTimers());

test('`within` returns the result of work that ends in time, and leaves no timer', async () => {
  expect(await within(100, Promise.resolve('done'))).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});

test('`within` rejects with the error of work that fails in time', async () => {
  const error = new Error('broken');
  expect(await failureOf(within(100, Promise.reject(error)))).toBe(error);
  expect(vi.getTimerCount()).toBe(0);
});

test('`within` returns `late` when the time is over, and ignores a later error of the work', async () => {
  const work = new Deferred();
  const result = within(100, work.promise);
  await vi.advanceTimersByTimeAsync(100);
  expect(await result).toBe(late);
  work.reject(new Error('too late'));
  await vi.advanceTimersByTimeAsync(0);
});

test('`within` returns a result that arrived while code blocked the event loop', async () => {
  vi.useRealTimers();
  const result = within(5, stat(import.meta.filename));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  expect(await result).not.toBe(late);
});

test('`within` rejects with the abort reason, also if the signal has aborted before', async () => {
  const controller = new AbortController();
  const result = failureOf(within(100, new Promise(() => undefined), controller.signal));
  const reason = new Error('stop');
  controller.abort(reason);
  expect(await result).toBe(reason);
  expect(await failureOf(within(100, new Promise(() => undefined), controller.signal))).toBe(reason);
  expect(vi.getTimerCount()).toBe(0);
});
