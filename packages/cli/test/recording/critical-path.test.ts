import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { criticalPath, lengthOf, slackOf, whatIf } from '../../src/recording/critical-path.ts';
import type { Span } from '../../src/recording/spans.ts';

/** The work of a span, without its place in time. */
interface Work {
  readonly component: number;
  readonly takes: number;
  readonly delay: number;
  readonly needs: readonly number[];
}

/** Generates works that need only earlier works. All times are whole milliseconds, so that sums are exact. */
function works(maxDelay: number): fc.Arbitrary<Work[]> {
  return fc.integer({ min: 1, max: 9 }).chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc.record({
          component: fc.nat({ max: 3 }),
          takes: fc.nat({ max: 20 }),
          delay: fc.nat({ max: maxDelay }),
          needs: index === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat({ max: index - 1 }), { maxLength: 3 }),
        }),
      ),
    ),
  );
}

/** Schedules works: each starts after its needs have ended, plus its delay. */
function schedule(all: readonly Work[]): Span[] {
  const spans: Span[] = [];
  for (const { component, takes, delay, needs } of all) {
    const began = Math.max(0, ...needs.map((need) => spans[need]!.ended)) + delay;
    spans.push({ component, step: 0, began, ended: began + takes, needs, blockedBy: [] });
  }
  return spans;
}

/** Returns every path from a work without needs to any other work. */
function pathsOf(all: readonly Work[]): number[][] {
  const pathsTo = (index: number): number[][] => {
    const before = all[index]!.needs.flatMap(pathsTo);
    return before.length === 0 ? [[index]] : before.map((path) => [...path, index]);
  };
  return [...all.keys()].flatMap(pathsTo);
}

function lengthOfPath(all: readonly Work[], path: readonly number[]): number {
  return path.reduce((sum, index) => sum + all[index]!.delay + all[index]!.takes, 0);
}

function longest(all: readonly Work[]): number {
  return Math.max(...pathsOf(all).map((path) => lengthOfPath(all, path)));
}

describe('in every graph', () => {
  test('the critical path is a longest path, and without delays its works add up to the total', () => {
    fc.assert(
      fc.property(works(0), (all) => {
        const spans = schedule(all);
        const path = criticalPath(spans);
        expect(pathsOf(all)).toContainEqual(path);
        expect(path.reduce((sum, index) => sum + all[index]!.takes, 0)).toBe(lengthOf(spans));
        expect(lengthOf(spans)).toBe(longest(all));
      }),
    );
  });

  test('the critical path explains the total, delays included', () => {
    fc.assert(
      fc.property(works(10), (all) => {
        const spans = schedule(all);
        expect(lengthOfPath(all, criticalPath(spans))).toBe(longest(all));
        expect(lengthOf(spans)).toBe(longest(all));
      }),
    );
  });

  test('a span can take longer by its slack, and each further millisecond lengthens the total', () => {
    fc.assert(
      fc.property(works(10), (all) => {
        const slack = slackOf(schedule(all));
        all.forEach((_, slowed) => {
          const slower = (by: number): Work[] =>
            all.map((work, index) => (index === slowed ? { ...work, takes: work.takes + by } : work));
          expect(longest(slower(slack[slowed]!))).toBe(longest(all));
          expect(longest(slower(slack[slowed]! + 1))).toBe(longest(all) + 1);
        });
      }),
    );
  });

  test('whatIf() returns the longest path with the works of a component halved', () => {
    fc.assert(
      fc.property(works(10), fc.nat({ max: 3 }), (all, faster) => {
        const halved = all.map((work) => (work.component === faster ? { ...work, takes: work.takes / 2 } : work));
        const length = whatIf(schedule(all))((component) => (component === faster ? 0.5 : 1));
        expect(length).toBe(longest(halved));
      }),
    );
  });
});

test('a span that waits for the thread starts earlier when the blocking component takes less time', () => {
  const needs: number[] = [];
  const spans: Span[] = [
    { component: 0, step: 0, began: 0, ended: 100, needs, blockedBy: [] },
    { component: 1, step: 1, began: 104, ended: 110, needs, blockedBy: [{ component: 0, ms: 100 }] },
  ];
  expect(whatIf(spans)((component) => (component === 0 ? 0.5 : 1))).toBe(60);
  expect(whatIf(spans)((component) => (component === 1 ? 0.5 : 1))).toBe(107);
});

test('a chain of 100,000 spans does not exceed the stack', () => {
  const chain = Array.from({ length: 100_000 }, (_, index) => ({
    component: 0,
    takes: 1,
    delay: 0,
    needs: index === 0 ? [] : [index - 1],
  }));
  const spans = schedule(chain);
  expect(criticalPath(spans)).toHaveLength(100_000);
  expect(slackOf(spans).every((slack) => slack === 0)).toBe(true);
});

test('all functions accept an empty list', () => {
  expect([criticalPath([]), slackOf([]), lengthOf([]), whatIf([])(() => 1)]).toEqual([[], [], 0, 0]);
});
