import { expect, test } from 'vitest';
import { nextPauseMs, parseRetryAfter, retryPauseMs } from '../src/back-off.ts';

const minute = 60_000;
const hour = 60 * minute;

test('the pause doubles with each consecutive failure, up to an hour', () => {
  const pauses = [0, 1, 2, 3, 4, 6, 7, 1000].map((failures) => nextPauseMs({ everyMs: minute, failures }) / minute);
  expect(pauses).toEqual([1, 1, 2, 4, 8, 32, 60, 60]);
});

test('a page with a longer interval keeps its interval', () => {
  expect(nextPauseMs({ everyMs: 24 * hour, failures: 5 })).toBe(24 * hour);
});

test('the pause is at least as long as the server requested, but never longer than an hour', () => {
  expect(nextPauseMs({ everyMs: minute, failures: 1, retryAfterMs: 5 * minute })).toBe(5 * minute);
  expect(nextPauseMs({ everyMs: minute, failures: 4, retryAfterMs: 5 * minute })).toBe(8 * minute);
  expect(nextPauseMs({ everyMs: minute, failures: 1, retryAfterMs: 900 * hour })).toBe(hour);
});

test('parseRetryAfter accepts a number of seconds or a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(parseRetryAfter('120', now)).toBe(120_000);
  expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
  expect(parseRetryAfter('Thu, 01 Jan 2025 00:00:30 GMT', now)).toBe(0);
  expect(parseRetryAfter('soon', now)).toBeUndefined();
  expect(parseRetryAfter(null, now)).toBeUndefined();
});

test('retryPauseMs doubles up to a limit and is shortened by up to a half', () => {
  expect([1, 2, 3, 99].map((attempts) => retryPauseMs(attempts, 10_000, 0))).toEqual([500, 1_000, 2_000, 10_000]);
  expect(retryPauseMs(2, 10_000, 1)).toBe(500);
});
