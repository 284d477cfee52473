import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { callAfter } from '@asphalt/core';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const day = 24 * 60 * 60 * 1000;

test.each([1, 30 * day, 100 * day])('a call after %d ms happens at that time and not before', (delayMs) => {
  const call = vi.fn<() => void>();
  callAfter(delayMs, call);
  vi.advanceTimersByTime(delayMs - 1);
  expect(call).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(call).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(100 * day);
  expect(call).toHaveBeenCalledOnce();
});

test('an infinite time never ends', () => {
  const call = vi.fn<() => void>();
  callAfter(Infinity, call);
  vi.advanceTimersByTime(1000 * day);
  expect(call).not.toHaveBeenCalled();
});

test('a call after 30 days can be cancelled at any time', () => {
  const call = vi.fn<() => void>();
  const cancelled = [0, 26 * day].map((at) => {
    const cancel = callAfter(30 * day, call);
    vi.advanceTimersByTime(at);
    cancel();
    return vi.getTimerCount();
  });
  expect(cancelled).toEqual([0, 0]);
  vi.advanceTimersByTime(100 * day);
  expect(call).not.toHaveBeenCalled();
});
