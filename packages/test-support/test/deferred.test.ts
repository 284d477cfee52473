import { expect, test } from 'vitest';
import { Deferred, failureOf } from '@asphalt/test-support';

test('a deferred promise resolves with the value of the test', async () => {
  const deferred = new Deferred<number>();
  deferred.resolve(3);
  expect(await deferred.promise).toBe(3);
});

test('a rejection before any code awaits the promise is not unhandled', async () => {
  const unhandled: unknown[] = [];
  const keep = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', keep);
  const deferred = new Deferred();
  deferred.reject('late');
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  process.off('unhandledRejection', keep);
  expect(unhandled).toEqual([]);
  expect(await failureOf(deferred.promise)).toBe('late');
});
