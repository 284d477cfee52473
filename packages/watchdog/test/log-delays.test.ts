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
  count: 1,
};

/** What the log says of delays. */
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

test('a log says what blocked the event loop, where, whose it is and for how long', () => {
  expect(
    logged([
      delay,
      { ...delay, component: undefined, count: 10 },
      { ...delay, component: { path: '', type: 'App' }, count: 1_000 },
      { ...delay, cause: 'garbage collection' },
      { ...delay, cause: 'suspension' },
      { ...delay, cause: 'unknown' },
    ]),
  ).toMatchInlineSnapshot(`
    [
      "warn crunch() at /app/report.ts:12, of component \`api.reports\` (ReportsComponent), blocked the event loop for 312 ms",
      "warn crunch() at /app/report.ts:12 blocked the event loop for 312 ms, the 10th time",
      "warn crunch() at /app/report.ts:12, of the root component (App), blocked the event loop for 312 ms, the 1000th time",
      "info Cleaning up memory took 200 ms of 312 ms in which nothing else ran",
      "info The process stood still for 60000 ms, its machine slept or was overloaded",
      "warn The event loop was blocked for 312 ms",
    ]
  `);
});

test('what one function causes again and again is told the 1st, the 10th and the 100th time', () => {
  const delays = Array.from({ length: 150 }, (_, index) => ({ ...delay, count: index + 1 }));
  expect(logged(delays).map((line) => /the \d+th time$/.exec(line)?.[0])).toEqual([
    undefined,
    'the 10th time',
    'the 100th time',
  ]);
});

test('a log says once that a runtime cannot tell which code blocks', () => {
  expect(logged([], false)).toMatchInlineSnapshot(`
    [
      "info This runtime cannot tell which code blocks the event loop, only for how long it was blocked",
    ]
  `);
});
