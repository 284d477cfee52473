import { Deferred, settled } from '@asphalt/test-support';
import { fakeClock } from '@asphalt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { Backlog } from '../src/index.ts';

interface Message {
  readonly name: string;
  attempt: number;
}

class Names extends Backlog<Message, string> {
  readonly lost = new Set<string>();

  protected override isLost({ name }: Message): boolean {
    return this.lost.has(name);
  }

  override describe({ name, attempt }: Message) {
    return { id: name, attempt, headers: {} };
  }

  override read({ name }: Message): string {
    return name;
  }

  override async acknowledge(): Promise<void> {}

  override async bury(): Promise<void> {}

  /** Removes the messages that wait, and returns their names. */
  takeNames(): string[] {
    return this.take().map(({ name }) => name);
  }
}

const message = (name: string): Message => ({ name, attempt: 1 });

/** Starts a backlog whose messages are settled by the test. */
function begin(concurrency: number) {
  const backlog = new Names();
  const passed: string[] = [];
  const running: Deferred[] = [];
  const settle = ({ name, attempt }: Message): Promise<void> => {
    passed.push(attempt === 1 ? name : `${name} in attempt ${attempt}`);
    const done = new Deferred();
    running.push(done);
    return done.promise;
  };
  const start = () => backlog.subscribe(settle, concurrency);
  return { backlog, passed, running, start };
}

test('a backlog passes messages in order, and at most as many at a time as the concurrency', async () => {
  const { backlog, passed, running, start } = begin(2);
  backlog.push(message('a'));
  start();
  for (const name of ['b', 'c', 'd']) backlog.push(message(name));
  expect(passed).toEqual(['a', 'b']);
  running[0]!.resolve();
  await settled();
  expect(passed).toEqual(['a', 'b', 'c']);
});

test('a message is passed again after its delay, with the next attempt if it counts', async () => {
  const clock = fakeClock();
  onTestFinished(() => clock.restore());
  const { backlog, passed, start } = begin(2);
  start();
  await backlog.retry(message('a'), { delayMs: 1000, counts: true });
  await backlog.retry(message('b'), { delayMs: 1000, counts: false });
  await clock.advance(999);
  expect(passed).toEqual([]);
  await clock.advance(1);
  expect(passed).toEqual(['a in attempt 2', 'b']);
});

test('messages wait after the end for the next start', async () => {
  const { backlog, passed, start } = begin(1);
  const end = start();
  await end();
  backlog.push(message('a'));
  expect(passed).toEqual([]);
  start();
  expect(passed).toEqual(['a']);
});

test('the messages that wait can be taken out, and their timers end', async () => {
  const clock = fakeClock();
  onTestFinished(() => clock.restore());
  const { backlog, passed, start } = begin(1);
  backlog.push(message('a'));
  backlog.push(message('lost'));
  await backlog.retry(message('b'), { delayMs: 1000, counts: true });
  backlog.lost.add('lost');
  expect(backlog.takeNames()).toEqual(['a', 'b']);
  expect(clock.timers).toBe(0);
  start();
  expect(passed).toEqual([]);
});

test('a message of a closed connection is dropped, because the broker delivers it again', () => {
  const { backlog, passed, start } = begin(1);
  backlog.push(message('a'));
  backlog.push(message('b'));
  backlog.lost.add('a');
  start();
  expect(passed).toEqual(['b']);
});
