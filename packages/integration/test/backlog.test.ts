import { Deferred, settled } from '@asphalt/test-support';
import { fakeClock } from '@asphalt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { Backlog } from '../src/index.ts';

/** Starts a backlog whose messages are settled by the test. */
function begin(concurrency: number) {
  const lost = new Set<string>();
  const backlog = new Backlog<string>((message) => lost.has(message));
  const passed: string[] = [];
  const running: Deferred[] = [];
  const settle = (message: string): Promise<void> => {
    passed.push(message);
    const done = new Deferred();
    running.push(done);
    return done.promise;
  };
  const start = (): (() => void) => backlog.start(settle, concurrency);
  return { backlog, lost, passed, running, start };
}

test('a backlog passes messages in order, and at most as many at a time as the concurrency', async () => {
  const { backlog, passed, running, start } = begin(2);
  backlog.push('a');
  start();
  for (const message of ['b', 'c', 'd']) backlog.push(message);
  expect(passed).toEqual(['a', 'b']);
  running[0]!.resolve();
  await settled();
  expect(passed).toEqual(['a', 'b', 'c']);
});

test('a delayed message is passed again after its delay', async () => {
  const clock = fakeClock();
  onTestFinished(() => clock.restore());
  const { backlog, passed, start } = begin(2);
  start();
  backlog.delay('a', 1000);
  await clock.advance(999);
  expect(passed).toEqual([]);
  await clock.advance(1);
  expect(passed).toEqual(['a']);
});

test('messages wait after the end for the next start', () => {
  const { backlog, passed, start } = begin(1);
  const end = start();
  end();
  backlog.push('a');
  expect(passed).toEqual([]);
  start();
  expect(passed).toEqual(['a']);
});

test('the messages that wait can be taken out, and their timers end', () => {
  const clock = fakeClock();
  onTestFinished(() => clock.restore());
  const { backlog, lost, passed, start } = begin(1);
  backlog.push('a');
  backlog.push('lost');
  backlog.delay('b', 1000);
  lost.add('lost');
  expect(backlog.take()).toEqual(['a', 'b']);
  expect(clock.timers).toBe(0);
  start();
  expect(passed).toEqual([]);
});

test('a message of a closed connection is dropped, because the broker delivers it again', () => {
  const { backlog, lost, passed, start } = begin(1);
  backlog.push('a');
  backlog.push('b');
  lost.add('a');
  start();
  expect(passed).toEqual(['b']);
});
