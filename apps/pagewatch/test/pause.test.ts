import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pause } from '../src/pause.ts';

const day = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a pause of 60 days is longer than a timer can count', async () => {
  let isOver = false;
  void pause(60 * day, new AbortController().signal).then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(60 * day - 1);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isOver).toBe(true);
});

test('an abort ends a pause', async () => {
  const controller = new AbortController();
  const paused = pause(60 * day, controller.signal);
  controller.abort(new Error('stopped'));
  await expect(paused).rejects.toThrow('stopped');
  await expect(pause(day, controller.signal)).rejects.toThrow('stopped');
  expect(vi.getTimerCount()).toBe(0);
});
