import { settled } from '@asphalt/test-support';
import { fakeClock } from '@asphalt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { repeat } from '../src/index.ts';

const delays = { minDelay: 100, maxDelay: 100 };

test('work is repeated after failures with a delay, until the stop, and the first error in a row is reported', async () => {
  const clock = fakeClock();
  onTestFinished(() => clock.restore());
  const stopping = new AbortController();
  const outcomes = ['done', 'broken', 'still broken', 'done', 'broken again'];
  const errors: string[] = [];
  let runs = 0;
  const work = async (): Promise<void> => {
    const outcome = outcomes[runs++];
    if (outcome !== 'done') throw new Error(outcome);
  };
  const onError = (error: unknown): void => void errors.push((error as Error).message);
  const ended = repeat(work, stopping.signal, { delays, onError });
  await settled();
  expect(runs).toBe(2);
  await clock.advance(100);
  expect(runs).toBe(3);
  await clock.advance(100);
  expect([runs, errors]).toEqual([5, ['broken', 'broken again']]);
  stopping.abort();
  await ended;
  expect(clock.timers).toBe(0);
});

test('a failure after the stop is not reported', async () => {
  const stopping = new AbortController();
  const errors: unknown[] = [];
  await repeat(
    async () => {
      stopping.abort();
      throw new Error('closed');
    },
    stopping.signal,
    { delays, onError: (error) => errors.push(error) },
  );
  expect(errors).toEqual([]);
});
