import { BlockingError } from '@asphalt/watchdog';
import { expectNotBlocking } from '@asphalt/watchdog/testing';
import { expect, test } from 'vitest';
import { crunch } from './crunch.ts';

test('a function that does not block returns its result', async () => {
  const wait = async (): Promise<string> => {
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    return 'done';
  };
  expect(await expectNotBlocking(wait, 10_000)).toBe('done');
  expect(await expectNotBlocking(() => 42, 10_000)).toBe(42);
});

test('code that blocks fails the check, and the error names it', async () => {
  const error = (await expectNotBlocking(() => crunch(), 100).catch((thrown: unknown) => thrown)) as BlockingError;
  expect(error).toBeInstanceOf(BlockingError);
  expect(error.delay.place?.function).toBe('crunch');
  const text = error.message.replace(/blocked for \d+/, 'blocked for 500').replace(/:\d+$/gm, ':<line>');
  expect(
    text
      .split('\n')
      .filter((line) => !/node_modules/.test(line))
      .join('\n'),
  ).toMatchInlineSnapshot(`
    "The event loop was blocked for 500 ms, the limit is 100 ms
      by           crunch() at packages/watchdog/test/crunch.ts:<line>
      called by    (anonymous)() at packages/watchdog/test/testing.test.ts:<line>
                   expectNotBlocking() at packages/watchdog/src/testing.ts:<line>
      help         do the work in a thread: @asphalt/threads
                   or split the work, and await between the parts
      code         ERR_BLOCKING"
  `);
});

test('code that blocks between two awaits is found', async () => {
  const work = async (): Promise<void> => {
    await new Promise(setImmediate);
    crunch();
    await new Promise(setImmediate);
  };
  await expect(expectNotBlocking(work, 100)).rejects.toThrow(BlockingError);
});

test('an error of the function takes precedence', async () => {
  const fail = (): never => {
    crunch();
    throw new TypeError('its own');
  };
  await expect(expectNotBlocking(fail, 100)).rejects.toThrow('its own');
});
