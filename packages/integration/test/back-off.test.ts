import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backOff } from '../src/index.ts';

test('every delay is between the bounds, and below the doubled delay of its attempt', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 0, max: 100_000 }),
      fc.integer({ min: 1, max: 2000 }),
      (minDelay, more, attempt) => {
        const bounds = { minDelay, maxDelay: minDelay + more };
        const delay = backOff(attempt, bounds);
        expect(delay).toBeGreaterThanOrEqual(minDelay);
        expect(delay).toBeLessThanOrEqual(Math.min(bounds.maxDelay, minDelay * 2 ** attempt));
      },
    ),
  );
});

test('delays of the same attempt differ, so that clients do not return at the same moment', () => {
  const delays = Array.from({ length: 100 }, () => backOff(10, { minDelay: 100, maxDelay: 2000 }));
  expect(new Set(delays).size).toBeGreaterThan(90);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(900);
});
