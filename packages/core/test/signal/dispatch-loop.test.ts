import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Signal } from '@asphalt/core';
import { map } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { adopted } from './adopted.ts';

/** Prints the reports of a loop in an application, after a number of failures. */
const script = (failures: number): string => `
  import { Component, Signal, startApplication } from '@asphalt/core';
  class Bus { ping = new Signal(); pong = new Signal(); other = new Signal(); }
  class App extends Component {
    start() { this.context.addResource(Bus, new Bus(), { dispose: () => console.log('disposed') }); }
  }
  const reports = [];
  const application = await startApplication(App, { onError: (error) => reports.push(error.message) });
  const bus = application.context.getResourceSync(Bus);
  bus.other.subscribe(() => { throw new Error('earlier'); });
  for (let count = 0; count < ${failures}; count++) bus.other.dispatch(count);
  bus.ping.subscribe((n) => bus.pong.dispatch(n));
  bus.pong.subscribe((n) => bus.ping.dispatch(n + 1));
  bus.pong.subscribe((n) => bus.ping.dispatch(n + 1));
  bus.ping.dispatch(1);
  await null;
  console.log(reports.length, reports.at(-1).split('\\n')[0]);
  await application.stop();
`;

function inside(calls: number, code: () => void): void {
  if (calls === 0) code();
  else inside(calls - 1, code);
}

describe('subscribers that dispatch to each other without end', () => {
  test.each([0, 1, 2, 500])(
    'are each reported once, and the application stops with its teardowns, after %i other failures',
    async (failures) => {
      const flags = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script(failures)];
      const core = fileURLToPath(new URL('../..', import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: core });
      expect(stdout).toMatch(
        new RegExp(
          `^${failures + 2} A subscriber of Bus\\.pong failed: RangeError: Maximum call stack size exceeded\ndisposed\n$`,
        ),
      );
    },
  );

  test('do not keep the event from the other subscribers of the first dispatch, and later events arrive', () => {
    const { signal, reports } = adopted();
    const events: string[] = [];
    signal.subscribe((event) => {
      if (event.startsWith('loop')) signal.dispatch(`loop`);
    });
    signal.subscribe((event) => events.push(event));
    signal.dispatch('loop 1');
    signal.dispatch('plain');
    expect([events.at(-2), events.at(-1)]).toEqual(['loop 1', 'plain']);
    expect(reports.map(({ error }) => error)).toEqual([expect.any(RangeError)]);
  });

  test('behind operators are reported, even if no room is left for the report at first', async () => {
    const { signal, reports } = adopted();
    signal.pipe(map((event) => event)).subscribe((event) => signal.dispatch(event));
    signal.dispatch('page');
    await Promise.resolve();
    expect(reports[0]!.error).toBeInstanceOf(RangeError);
  });

  // The place of the overflow, in RxJS or in a subscriber, depends on the calls around the dispatch.
  test.each([1, 2].flatMap((size) => [0, 1, 2, 3].map((calls) => [size, calls])))(
    'behind operators, several per signal, end soon, and later events arrive: %i signals, inside of %i calls',
    async (size, calls) => {
      const nodes = Array.from({ length: size! }, () => adopted());
      let count = 0;
      nodes.forEach(({ signal }, index) => {
        const { signal: next } = nodes[(index + 1) % size!]!;
        for (let subscriber = 0; subscriber < 3; subscriber++) {
          // The limit ends a loop in which each dispatch calls all subscribers.
          signal.pipe(map((event) => event)).subscribe((event) => {
            if (event === 'loop' && count++ < 150_000) next.dispatch(event);
          });
        }
      });
      const { signal } = nodes[0]!;
      const events: string[] = [];
      signal.subscribe((event) => events.push(event));
      inside(calls!, () => signal.dispatch('loop'));
      signal.dispatch('plain');
      await Promise.resolve();
      expect(count).toBeLessThan(150_000);
      expect(events.slice(-2)).toEqual(['loop', 'plain']);
      const errors = nodes.flatMap(({ reports }) => reports.map(({ error }) => error));
      expect(errors).toEqual(errors.map(() => expect.any(RangeError) as RangeError));
      expect(errors.length).toBeGreaterThan(0);
    },
  );

  test('behind operators do not end the dispatches of a subscriber that joined during the loop', async () => {
    const { signal } = adopted();
    const events: string[] = [];
    let isJoined = false;
    signal.pipe(map((event) => event)).subscribe((event) => {
      if (!isJoined) signal.subscribe((later) => events.push(later));
      isJoined = true;
      if (event === 'loop') signal.dispatch(event);
    });
    signal.dispatch('loop');
    events.length = 0;
    signal.dispatch('plain');
    await Promise.resolve();
    expect(events).toEqual(['plain']);
  });
});

test.each([
  ['functions', (signal: Signal<number>) => signal],
  ['the results of pipe()', (signal: Signal<number>) => signal.pipe(map((event) => event))],
])(
  'three subscribers per level that each dispatch to the next level receive 3ⁿ events at level n: %s',
  (_, sourceOf) => {
    const levels = 7;
    const signals = Array.from({ length: levels }, () => new Signal<number>());
    const received = signals.map(() => 0);
    signals.forEach((signal, level) => {
      for (let subscriber = 0; subscriber < 3; subscriber++) {
        sourceOf(signal).subscribe((event) => {
          received[level]!++;
          signals[level + 1]?.dispatch(event);
        });
      }
    });
    signals[0]!.dispatch(1);
    expect(received).toEqual(signals.map((_signal, level) => 3 ** (level + 1)));
  },
);
