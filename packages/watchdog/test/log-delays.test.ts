import { Signal, silentLogger, type Logger } from '@asphalt/core';
import { expect, test } from 'vitest';
import { logDelays, type Delay, type Watchdog } from '../src/index.ts';

const place = { function: 'crunch', file: '/app/report.ts', line: 12, column: 3 };
const delay: Delay = {
  cause: 'code',
  durationMs: 312.4,
  garbageCollectionMs: 200,
  suspendedMs: 60_000,
  place,
  stack: [place],
  component: { path: 'api.reports', type: 'ReportsComponent' },
  purpose: undefined,
  count: 1,
};

/** Returns the log lines for delays. */
function logged(delays: readonly Delay[], namesCode = true): string[] {
  const lines: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    info: (message) => lines.push(`info ${message}`),
    warn: (message) => lines.push(`warn ${message}`),
  };
  const delayed = new Signal<Delay>();
  logDelays({ delayed, namesCode } as Watchdog, logger);
  for (const each of delays) delayed.dispatch(each);
  return lines;
}

test('the log shows the function, place, component and duration of a delay', () => {
  expect(
    logged([
      delay,
      { ...delay, component: undefined, count: 10 },
      { ...delay, component: { path: '', type: 'App' }, count: 1_000 },
      { ...delay, component: undefined, place: { ...place, file: 'node:internal/timers' } },
      { ...delay, cause: 'garbage collection' },
      { ...delay, cause: 'suspension' },
      { ...delay, cause: 'unknown' },
    ]),
  ).toMatchInlineSnapshot(`
    [
      "warn crunch() at /app/report.ts:12, of component \`api.reports\` (ReportsComponent), blocked the event loop for 312 ms",
      "warn crunch() at /app/report.ts:12 blocked the event loop for 312 ms, the 10th time",
      "warn crunch() at /app/report.ts:12, of the root component (App), blocked the event loop for 312 ms, the 1000th time",
      "warn Code of Node, called by no function of the program, blocked the event loop for 312 ms",
      "info Garbage collection took 200 ms of an event loop delay of 312 ms",
      "info The process was suspended for 60000 ms: the machine was asleep or overloaded",
      "warn The event loop was blocked for 312 ms",
    ]
  `);
});

test('the log shows the 1st, the 10th and the 100th delay of a function', () => {
  const delays = Array.from({ length: 150 }, (_, index) => ({ ...delay, count: index + 1 }));
  expect(logged(delays).map((line) => /the \d+th time$/.exec(line)?.[0])).toEqual([
    undefined,
    'the 10th time',
    'the 100th time',
  ]);
});

test('the log reports once that the runtime cannot name the code', () => {
  expect(logged([], false)).toMatchInlineSnapshot(`
    [
      "info This runtime cannot report which code blocks the event loop, only for how long it was blocked",
    ]
  `);
});
