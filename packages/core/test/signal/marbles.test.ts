import { debounceTime, map, throttleTime, type Observable, type OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, test } from 'vitest';
import { Signal } from '../../src/signal/signal.ts';

/** A signal that dispatches what a diagram says, and is completed by its owner where the diagram ends. */
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

describe('operators behind a signal keep their time', () => {
  test.each<[string, OperatorFunction<string, string>, string, string]>([
    ['nothing', (source) => source, '   a--b--|', 'a--b--|'],
    ['map', map((x) => x.toUpperCase()), 'a--b--|', 'A--B--|'],
    ['debounceTime', debounceTime(3), ' ab-----c|', '----b---(c|)'],
    ['throttleTime', throttleTime(3), ' abc-d--|', 'a---d--|'],
  ])('%s', (_, operator, input, output) => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ hot, expectObservable }) => {
      expectObservable(fed(hot(input)).pipe(operator)).toBe(output);
    });
  });

  test('an error of an operator ends the observation as with any Observable', () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ hot, expectObservable }) => {
      const failing = map((event: string): string => {
        if (event === 'c') throw new Error('c');
        return event;
      });
      expectObservable(fed(hot('ab-c-d')).pipe(failing)).toBe('ab-#', undefined, new Error('c'));
    });
  });

  test('unsubscribing takes the subscriber out of the signal', () => {
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
