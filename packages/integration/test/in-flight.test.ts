import { Deferred, failureOf, settled } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { InFlight } from '../src/index.ts';

test('calls are counted until they settle, and their results are passed on', async () => {
  const inFlight = new InFlight();
  const [first, second] = [new Deferred<string>(), new Deferred<string>()];
  const results = [inFlight.run(() => first.promise), inFlight.run(() => second.promise)];
  expect(inFlight.count).toBe(2);
  first.resolve('done');
  expect(await results[0]).toBe('done');
  expect(inFlight.count).toBe(1);
  second.reject(new Error('broken'));
  expect(await failureOf(results[1]!)).toEqual(new Error('broken'));
  expect(inFlight.count).toBe(0);
});

test('a call that throws at once is not counted', async () => {
  const inFlight = new InFlight();
  const error = new Error('broken');
  const call = (): never => {
    throw error;
  };
  expect(await failureOf(inFlight.run(call))).toBe(error);
  expect(inFlight.count).toBe(0);
});

test('`idle` waits for running calls, for calls that start during the wait, and for failing ones', async () => {
  const inFlight = new InFlight();
  const [first, second] = [new Deferred(), new Deferred()];
  void inFlight.run(() => first.promise);
  let isIdle = false;
  const idle = inFlight.idle().then(() => (isIdle = true));
  inFlight.run(() => second.promise).catch(() => undefined);
  first.resolve();
  await settled();
  expect(isIdle).toBe(false);
  second.reject(new Error('broken'));
  await idle;
  await new InFlight().idle();
});
