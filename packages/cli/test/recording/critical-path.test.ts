import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { criticalPath, lengthOf, slackOf, whatIf } from '../../src/recording/critical-path.ts';
import type { Stretch } from '../../src/recording/stretches.ts';

/** A stretch before anything is known of when it takes place. */
interface Work {
  readonly component: number;
  readonly takes: number;
  readonly delay: number;
  readonly needs: readonly number[];
}

/** Works whose needs stand before them; whole milliseconds, so that sums are exact. */
function works(mostDelay: number): fc.Arbitrary<Work[]> {
  return fc.integer({ min: 1, max: 9 }).chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc.record({
          component: fc.nat({ max: 3 }),
          takes: fc.nat({ max: 20 }),
          delay: fc.nat({ max: mostDelay }),
          needs: index === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat({ max: index - 1 }), { maxLength: 3 }),
        }),
      ),
    ),
  );
}

/** The works as they take place: each begins when what it needs has ended, and after its delay. */
function takePlace(all: readonly Work[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { component, takes, delay, needs } of all) {
    const began = Math.max(0, ...needs.map((need) => stretches[need]!.ended)) + delay;
    stretches.push({ component, step: 0, began, ended: began + takes, needs, heldUpBy: [] });
  }
  return stretches;
}

/** Every way from a work without needs to any other one. */
function waysOf(all: readonly Work[]): number[][] {
  const waysTo = (index: number): number[][] => {
    const before = all[index]!.needs.flatMap(waysTo);
    return before.length === 0 ? [[index]] : before.map((way) => [...way, index]);
  };
  return [...all.keys()].flatMap(waysTo);
}

function lengthOfWay(all: readonly Work[], way: readonly number[]): number {
  return way.reduce((sum, index) => sum + all[index]!.delay + all[index]!.takes, 0);
}

function longest(all: readonly Work[]): number {
  return Math.max(...waysOf(all).map((way) => lengthOfWay(all, way)));
}

describe('of every graph', () => {
  test('the critical path is a longest way, and its works add up to the whole where nothing else delays', () => {
    fc.assert(
      fc.property(works(0), (all) => {
        const stretches = takePlace(all);
        const path = criticalPath(stretches);
        expect(waysOf(all)).toContainEqual(path);
        expect(path.reduce((sum, index) => sum + all[index]!.takes, 0)).toBe(lengthOf(stretches));
        expect(lengthOf(stretches)).toBe(longest(all));
      }),
    );
  });

  test('the critical path explains the whole, delays included', () => {
    fc.assert(
      fc.property(works(10), (all) => {
        const stretches = takePlace(all);
        expect(lengthOfWay(all, criticalPath(stretches))).toBe(longest(all));
        expect(lengthOf(stretches)).toBe(longest(all));
      }),
    );
  });

  test('what takes longer by its slack changes nothing, and one more millisecond is one more for the whole', () => {
    fc.assert(
      fc.property(works(10), (all) => {
        const slack = slackOf(takePlace(all));
        all.forEach((_, slowed) => {
          const slower = (by: number): Work[] =>
            all.map((work, index) => (index === slowed ? { ...work, takes: work.takes + by } : work));
          expect(longest(slower(slack[slowed]!))).toBe(longest(all));
          expect(longest(slower(slack[slowed]! + 1))).toBe(longest(all) + 1);
        });
      }),
    );
  });

  test('what if a component took half as long: the longest way with its works halved', () => {
    fc.assert(
      fc.property(works(10), fc.nat({ max: 3 }), (all, faster) => {
        const halved = all.map((work) => (work.component === faster ? { ...work, takes: work.takes / 2 } : work));
        const length = whatIf(takePlace(all))((component) => (component === faster ? 0.5 : 1));
        expect(length).toBe(longest(halved));
      }),
    );
  });
});

test('who waits for the thread is late by less when whoever holds it takes less', () => {
  const needs: number[] = [];
  const stretches: Stretch[] = [
    { component: 0, step: 0, began: 0, ended: 100, needs, heldUpBy: [] },
    { component: 1, step: 1, began: 104, ended: 110, needs, heldUpBy: [{ component: 0, ms: 100 }] },
  ];
  expect(whatIf(stretches)((component) => (component === 0 ? 0.5 : 1))).toBe(60);
  expect(whatIf(stretches)((component) => (component === 1 ? 0.5 : 1))).toBe(107);
});

test('a chain of 100,000 is an ordinary graph', () => {
  const chain = Array.from({ length: 100_000 }, (_, index) => ({
    component: 0,
    takes: 1,
    delay: 0,
    needs: index === 0 ? [] : [index - 1],
  }));
  const stretches = takePlace(chain);
  expect(criticalPath(stretches)).toHaveLength(100_000);
  expect(slackOf(stretches).every((slack) => slack === 0)).toBe(true);
});

test('of nothing, nothing is said', () => {
  expect([criticalPath([]), slackOf([]), lengthOf([]), whatIf([])(() => 1)]).toEqual([[], [], 0, 0]);
});
