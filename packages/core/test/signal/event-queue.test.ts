import { type Overflow, StreamOverflowError } from '@asphalt/core';
import { warningsOf } from '@asphalt/test-support';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventQueue, Ring } from '../../src/signal/event-queue.ts';

/** Operations on a queue: a number is pushed, `undefined` removes the first item. */
const steps = fc.array(fc.option(fc.nat(), { nil: undefined, freq: 2 }), { maxLength: 60 });

describe('a ring', () => {
  test('is first in, first out for any sequence of operations', () => {
    fc.assert(
      fc.property(steps, fc.nat({ max: 59 }), (pushed, clearedAt) => {
        const ring = new Ring<number>();
        let list: number[] = [];
        const [taken, expected]: [number[], number[]] = [[], []];
        for (const [index, item] of pushed.entries()) {
          if (index === clearedAt) {
            ring.clear();
            list = [];
          }
          if (item !== undefined) {
            ring.push(item);
            list.push(item);
          } else if (list.length > 0) {
            taken.push(ring.shift());
            expected.push(list.shift()!);
          }
          taken.push(ring.length);
          expected.push(list.length);
        }
        while (ring.length > 0) taken.push(ring.shift());
        expect(taken).toEqual([...expected, ...list]);
      }),
    );
  });
});

describe('an event queue', () => {
  /** A reference model of each policy. */
  const keep: Record<Exclude<Overflow, 'error'>, (waiting: number[], event: number, capacity: number) => number[]> = {
    'drop-newest': (waiting, event, capacity) => (waiting.length < capacity ? [...waiting, event] : waiting),
    'drop-oldest': (waiting, event, capacity) => [...waiting, event].slice(-capacity),
    latest: (_, event) => [event],
    unbounded: (waiting, event) => [...waiting, event],
  };
  const { emitWarning } = process;

  // The property tests emit thousands of warnings; another test covers them.
  beforeEach(() => {
    process.emitWarning = () => {};
  });
  afterEach(() => {
    process.emitWarning = emitWarning;
  });

  test.each(Object.keys(keep) as Array<keyof typeof keep>)(
    'keeps the events that the policy %j specifies, and counts the dropped ones',
    (overflow) => {
      fc.assert(
        fc.property(steps, fc.integer({ min: 1, max: 6 }), (pushed, capacity) => {
          const queue = new EventQueue<number>({ capacity, overflow }, () => 'It');
          let waiting: number[] = [];
          let lost = 0;
          const [seen, expected]: [unknown[], unknown[]] = [[], []];
          for (const event of pushed) {
            if (event !== undefined) {
              const before = waiting.length;
              waiting = keep[overflow](waiting, event, capacity);
              lost += before + 1 - waiting.length;
              seen.push(queue.push(event));
              expected.push(undefined);
            } else if (waiting.length > 0) {
              seen.push(queue.shift());
              expected.push(waiting.shift());
            }
            seen.push(queue.length, queue.dropped);
            expected.push(waiting.length, lost);
          }
          expect(seen).toEqual(expected);
        }),
      );
    },
  );

  test("returns an error for an event beyond its capacity with 'error', and keeps the others", () => {
    const queue = new EventQueue<number>({ capacity: 2, overflow: 'error' }, () => 'It');
    const pushed = [1, 2, 3].map((event) => queue.push(event));
    expect(pushed).toEqual([undefined, undefined, expect.any(StreamOverflowError)]);
    expect([queue.length, queue.shift(), queue.shift(), queue.dropped]).toEqual([2, 1, 2, 0]);
  });

  test.each([0, -1, NaN])('of capacity %d holds one event', (capacity) => {
    const queue = new EventQueue<number>({ capacity, overflow: 'drop-oldest' }, () => 'It');
    [1, 2].forEach((event) => queue.push(event));
    expect([queue.length, queue.shift()]).toEqual([1, 2]);
  });

  test('warns only about the first event that it drops', async () => {
    process.emitWarning = emitWarning;
    const queue = new EventQueue<number>({ capacity: 1 }, () => 'The queue');
    const warnings = await warningsOf(() => {
      for (let event = 0; event < 9; event++) {
        queue.push(event);
        if (event % 3 === 0) queue.shift();
      }
    });
    expect(warnings.map(({ message }) => message)).toEqual([
      'The queue is full (1 waiting); further events are dropped for this consumer',
    ]);
  });
});
