import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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
});
