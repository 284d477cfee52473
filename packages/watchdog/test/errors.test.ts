import { expect, test } from 'vitest';
import { BlockingError, type Delay, type StackFrame } from '../src/index.ts';

function errorAt(...stack: StackFrame[]): BlockingError {
  const delay: Delay = {
    cause: 'code',
    durationMs: 312.4,
    garbageCollectionMs: 0,
    suspendedMs: 0,
    place: stack[0],
    stack,
    component: undefined,
    purpose: undefined,
    count: 1,
  };
  return new BlockingError(delay, 100);
}

test('a BlockingError names the function and its callers', () => {
  const place = { function: 'crunch', file: '/app/report.ts', line: 12, column: 3 };
  expect(errorAt(place, { ...place, function: 'build', line: 30 }).message).toMatchInlineSnapshot(`
    "The event loop was blocked for 312 ms, the limit is 100 ms
      by           crunch() at /app/report.ts:12
      called by    build() at /app/report.ts:30
      help         do the work in a thread: @asphalt/threads
                   or split the work, and await between the parts
      code         ERR_BLOCKING"
  `);
});

test('a BlockingError without a function of the program names no place in Node', () => {
  const place = { function: 'processTimers', file: 'node:internal/timers', line: 523, column: 9 };
  expect(errorAt(place).message).toMatchInlineSnapshot(`
    "The event loop was blocked for 312 ms, the limit is 100 ms
      by           code of Node, called by no function of the program
      help         do the work in a thread: @asphalt/threads
                   or split the work, and await between the parts
      code         ERR_BLOCKING"
  `);
});
