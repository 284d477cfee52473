import { TestScheduler } from 'rxjs/testing';
import { expect, test } from 'vitest';
import type { PageChanged } from '../src/detector.ts';
import { throttleChanges } from '../src/throttle-changes.ts';

const page = { name: 'news', url: 'http://localhost/', title: 'News' };
const change = (before: string, after: string, count = 1): PageChanged => ({
  page,
  before,
  after,
  at: after.charCodeAt(0),
  count,
});

/** Changes by the letter in the marbles: from A to B, from B to C and so on, and some that sum up others. */
const changes = {
  b: change('A', 'B'),
  c: change('B', 'C'),
  d: change('C', 'D'),
  e: change('D', 'E'),
  x: change('B', 'D', 2),
  y: change('B', 'E', 3),
  z: change('C', 'B'),
};

function check(source: string, expected: string, subscription?: string): void {
  new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
    ({ cold, expectObservable, expectSubscriptions }) => {
      const input = cold(source, changes);
      expectObservable(input.pipe(throttleChanges(5)), subscription).toBe(expected, changes);
      if (subscription !== undefined) expectSubscriptions(input.subscriptions).toBe(subscription);
    },
  );
}

test('the first change comes at once', () => check('--b', '--b'));

test('changes that are further apart than the window come at once', () => check('b-----c-----d', 'b-----c-----d'));

test('changes within the window become one, at its end', () => check('b-cd-----', 'b----x---'));

test('what comes at the end of the window opens a new one', () => check('b-cd--e---', 'b----x----e'));

test('a single held change comes as it is', () => check('b-c-----', 'b----c--'));

test('what is held comes at once when the source completes', () => check('b-c(d|)', 'b-' + '-(x|)'));

test('a source that completes with nothing held completes', () => check('b-|', 'b-|'));

test('a source that completes in a later window gives what is held there', () => check('b-c---d|', 'b----c-(d|)'));

test('a page that is back where it was is no change, and the next one comes at once', () =>
  check('b-cz---c', 'b------c'));

test('an error comes at once, and what is held is lost with it', () => check('b-c#', 'b--#'));

test('ending the subscription ends the one to the source and its window', () => check('b-c-----', 'b---', '^---!'));
