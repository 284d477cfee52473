import { Signal } from '@asphalt/core';
import {
  bufferTime,
  concatMap,
  debounceTime,
  delay,
  distinctUntilChanged,
  exhaustMap,
  filter,
  map,
  merge,
  mergeMap,
  of,
  pairwise,
  scan,
  share,
  skip,
  switchMap,
  take,
  takeUntil,
  throttleTime,
  timer,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';

/** Returns a signal that dispatches the events of a diagram and completes at its end. */
function fed(source: Observable<string>): Signal<string> {
  const owner = { signal: new Signal<string>() };
  const complete = Signal.adopt(owner, {
    name: 'Source',
    onError: (error) => {
      throw error;
    },
  })!;
  source.subscribe({ next: (event) => owner.signal.dispatch(event), complete });
  return owner.signal;
}

/** The values of the symbols in diagrams. */
const values = {
  ...Object.fromEntries(Array.from('abcdABCD', (letter) => [letter, letter])),
  x: 'a',
  y: 'ab',
  z: 'abc',
  u: 'bc',
  0: '',
};

describe('operators on a signal emit at the expected times', () => {
  test.each<[string, OperatorFunction<string, string>, string, string]>([
    ['nothing', (source) => source, '   a--b--|', 'a--b--|'],
    ['map', map((x) => x.toUpperCase()), 'a--b--|', 'A--B--|'],
    ['debounceTime', debounceTime(3), ' ab-----c|', '----b---(c|)'],
    ['throttleTime', throttleTime(3), ' abc-d--|', 'a---d--|'],
    ['filter', filter((x) => x !== 'b'), ' a-b-c|', 'a---c|'],
    ['distinctUntilChanged', distinctUntilChanged(), ' aab-a|', 'a-b-a|'],
    ['take', take(2), ' a-b-c|', 'a-(b|)'],
    ['skip', skip(1), ' a-b-c|', '--b-c|'],
    ['delay', delay(2), ' a-b|', '--a-(b|)'],
    ['scan', scan((all, x) => all + x, ''), ' a-b-c|', 'x-y-z|'],
    [
      'pairwise',
      (source) =>
        source.pipe(
          pairwise(),
          map(([one, two]) => one + two),
        ),
      ' a-b-c|',
      '--y-u|',
    ],
    [
      'bufferTime',
      (source) =>
        source.pipe(
          bufferTime(4),
          map((all) => all.join('')),
        ),
      'ab-----|',
      '----y--(0|)',
    ],
    ['takeUntil a timer', takeUntil(timer(3)), ' a-b-c|', 'a-b|'],
    ['switchMap', switchMap((x) => of(x).pipe(delay(2))), ' ab---c|', '---b---(c|)'],
    ['concatMap', concatMap((x) => of(x).pipe(delay(2))), ' ab---|', '--a-b|'],
    ['mergeMap', mergeMap((x) => of(x).pipe(delay(2))), ' ab---|', '--ab-|'],
    ['exhaustMap', exhaustMap((x) => of(x).pipe(delay(2))), ' ab--c|', '--a---(c|)'],
    ['share', share(), ' a-b|', 'a-b|'],
  ])('%s', (_, operator, input, output) => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ hot, expectObservable }) => {
      expectObservable(fed(hot(input)).pipe(operator)).toBe(output, values);
    });
  });

  test('merged signals complete when all of them have completed', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ hot, expectObservable }) => {
      expectObservable(merge(fed(hot('a--c|')), fed(hot('-b---d|')))).toBe('ab-c-d|');
    });
  });

  test('an error of an operator ends the subscription, as with any Observable', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ hot, expectObservable }) => {
      const failing = map((event: string): string => {
        if (event === 'c') throw new Error('c');
        return event;
      });
      expectObservable(fed(hot('ab-c-d')).pipe(failing)).toBe('ab-#', undefined, new Error('c'));
    });
  });

  test('unsubscribing removes the subscriber from the signal', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(
      ({ hot, expectObservable, flush }) => {
        const signal = fed(hot('a-b-c-d'));
        expectObservable(signal, '^--!').toBe('a-b');
        flush();
        expect(signal.observed).toBe(false);
      },
    );
  });
});
