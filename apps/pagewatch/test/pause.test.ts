import { fakeClock } from '@asphalt/testing';
import { expect, test } from 'vitest';
import { pause } from '../src/pause.ts';

const day = 86_400_000;

test('a pause of 60 days is longer than a timer can count', async () => {
  using clock = fakeClock();
  let isOver = false;
  void pause(60 * day, new AbortController().signal).then(() => (isOver = true));
  await clock.advance(60 * day - 1);
  expect(isOver).toBe(false);
  await clock.advance(1);
  expect(isOver).toBe(true);
});

test('an abort ends a pause', async () => {
  using clock = fakeClock();
  const controller = new AbortController();
  const paused = pause(60 * day, controller.signal);
  controller.abort(new Error('stopped'));
  await expect(paused).rejects.toThrow('stopped');
  await expect(pause(day, controller.signal)).rejects.toThrow('stopped');
  expect(clock.timers).toBe(0);
});
