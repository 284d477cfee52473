import { EventEmitter } from 'node:events';
import { Signal } from '@asphalt/core';
import { signalsOf } from '@asphalt/core/inspect';
import { map, toArray } from 'rxjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trackSubscriptions } from '../../src/signal/scope.ts';
import { type SignalOwner } from '../../src/signal/subscriber-failure.ts';
import { adopted, Detector } from './adopted.ts';

describe('dispatch', () => {
  test('calls subscribers synchronously, in the order in which they subscribed', () => {
    const signal = new Signal<number>();
    const events: string[] = [];
    signal.subscribe((event) => events.push(`a${event}`));
    signal.subscribe({ next: (event) => events.push(`b${event}`) });
    signal.pipe(map((event) => event * 10)).subscribe((event) => events.push(`c${event}`));
    signal.dispatch(1);
    expect(events).toEqual(['a1', 'b1', 'c10']);
  });

  test('accepts undefined, and works without subscribers', () => {
    const signal = new Signal<undefined>();
    signal.dispatch(undefined);
    const events: unknown[] = [];
    signal.subscribe((event) => events.push(event));
    signal.dispatch(undefined);
    expect(events).toEqual([undefined]);
  });

  test('does not reach the subscribers of another signal of the same object', () => {
    const detector = new Detector();
    const events: unknown[] = [];
    detector.changed.subscribe((event) => events.push(event));
    detector.failed.subscribe((event) => events.push(event));
    detector.changed.dispatch('page');
    expect(events).toEqual(['page']);
    const failure = new Error('gone');
    detector.failed.dispatch(failure);
    expect(events).toEqual(['page', failure]);
  });

  test('calls functions without `this` and without additional arguments', () => {
    const signal = new Signal<void>();
    const seen: unknown[] = [];
    const keep = function (this: unknown, ...args: unknown[]): void {
      seen.push(this, args.length);
    };
    signal.subscribe(keep);
    signal.subscribe(null, null, keep);
    signal.dispatch();
    Signal.complete(signal);
    expect(seen).toEqual([undefined, 1, undefined, 0]);
  });

  test('calls async functions without waiting for them', async () => {
    const signal = new Signal<{ readonly args: readonly number[] }>();
    const events: unknown[] = [];
    const keep = async (event: unknown): Promise<void> => {
      await Promise.resolve();
      events.push(event);
    };
    signal.subscribe(keep as (event: unknown) => void);
    const event = { args: [1, 2] };
    expect(signal.dispatch(event)).toBeUndefined();
    await new Promise(setImmediate);
    expect(events).toEqual([event]);
  });

  test('calls the methods of an observer on the observer', () => {
    class Counter {
      count = 0;
      next(): void {
        this.count++;
      }
    }
    const counter = new Counter();
    const signal = new Signal<void>();
    signal.subscribe(counter);
    signal.dispatch();
    expect(counter.count).toBe(1);
  });
});

describe('during a dispatch', () => {
  test('a new subscriber receives the next event, and a removed one receives no further event', () => {
    const signal = new Signal<number>();
    const events: string[] = [];
    signal.subscribe((event) => {
      events.push(`first ${event}`);
      if (event > 1) return;
      second.unsubscribe();
      signal.subscribe((later) => events.push(`late ${later}`));
    });
    const second = signal.subscribe((event) => events.push(`second ${event}`));
    signal.subscribe((event) => events.push(`third ${event}`));
    signal.dispatch(1);
    signal.dispatch(2);
    expect(events).toEqual(['first 1', 'third 1', 'first 2', 'third 2', 'late 2']);
  });

  test('a removed subscriber behind an operator receives no further event', () => {
    const signal = new Signal<number>();
    const events: string[] = [];
    signal.subscribe(() => second.unsubscribe());
    const second = signal.pipe(map(String)).subscribe((event) => events.push(event));
    signal.dispatch(1);
    expect(events).toEqual([]);
  });

  test('a nested dispatch is delivered immediately', () => {
    const signal = new Signal<number>();
    const events: string[] = [];
    signal.subscribe((event) => {
      events.push(`a${event}`);
      if (event === 1) signal.dispatch(2);
    });
    signal.subscribe((event) => events.push(`b${event}`));
    signal.dispatch(1);
    expect(events).toEqual(['a1', 'a2', 'b2', 'b1']);
  });

  test('completion ends delivery', () => {
    const { signal, complete } = adopted();
    const events: string[] = [];
    signal.subscribe(() => complete());
    signal.subscribe({ next: (event) => events.push(event), complete: () => events.push('completed') });
    signal.dispatch('page');
    expect(events).toEqual(['completed']);
  });

  test('any changes of the subscribers have the same effect as in a simple model', () => {
    // A subscriber that receives an event removes some of the others and adds new ones.
    interface Action {
      readonly drops: readonly number[];
      readonly adds: number;
    }
    const action: fc.Arbitrary<Action> = fc.record({
      drops: fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
      adds: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 8 }), fc.nat({ max: 3 }), (actions, dispatches) => {
        const run = (subscribe: (number: number, next: () => void) => () => void, dispatch: () => void): number[] => {
          const log: number[] = [];
          const drop = new Map<number, () => void>();
          let count = 0;
          const add = (act: Action | undefined): void => {
            const number = count++;
            const next = (): void => {
              log.push(number);
              act?.drops.forEach((other) => drop.get(other)?.());
              for (let i = 0; i < (act?.adds ?? 0); i++) add(undefined);
            };
            drop.set(number, subscribe(number, next));
          };
          actions.forEach(add);
          for (let i = 0; i <= dispatches; i++) dispatch();
          return log;
        };
        const signal = new Signal<void>();
        const actual = run(
          (_, next) => {
            const subscription = signal.subscribe(next);
            return () => subscription.unsubscribe();
          },
          () => signal.dispatch(),
        );
        let entries: Array<{ next: () => void; removed: boolean }> = [];
        const naive = run(
          (_, next) => {
            const entry = { next, removed: false };
            entries.push(entry);
            return () => (entry.removed = true);
          },
          () => {
            for (const entry of entries.slice()) if (!entry.removed) entry.next();
            entries = entries.filter(({ removed }) => !removed);
          },
        );
        expect(actual).toEqual(naive);
      }),
    );
  });
});

describe('subscriptions', () => {
  test('can be ended twice, and by their own event', () => {
    const signal = new Signal<number>();
    const events: number[] = [];
    const other = signal.subscribe((event) => events.push(event));
    const once = signal.subscribe(() => once.unsubscribe());
    signal.dispatch(1);
    once.unsubscribe();
    once.unsubscribe();
    signal.dispatch(2);
    expect(events).toEqual([1, 2]);
    expect([once.closed, other.closed, signal.observed]).toEqual([true, false, true]);
    other.unsubscribe();
    expect(signal.observed).toBe(false);
  });

  test('of the same function are independent', () => {
    const signal = new Signal<number>();
    const events: number[] = [];
    const keep = (event: number): void => void events.push(event);
    const one = signal.subscribe(keep);
    signal.subscribe(keep);
    signal.dispatch(1);
    one.unsubscribe();
    signal.dispatch(2);
    expect(events).toEqual([1, 1, 2]);
  });

  test('are RxJS subscriptions: other subscriptions can be added, and end together with them', () => {
    const signal = new Signal<number>();
    const events: string[] = [];
    const subscription = signal.subscribe();
    subscription.add(() => events.push('ended'));
    const parent = signal.subscribe();
    parent.add(subscription);
    parent.unsubscribe();
    expect([events, signal.observed]).toEqual([['ended'], false]);
  });
});

describe('completion', () => {
  test('reaches all subscribers once, including later ones, and no event follows', () => {
    const { signal, complete } = adopted();
    const events: string[] = [];
    const subscribe = (name: string): void => {
      signal.subscribe({ next: (event) => events.push(event), complete: () => events.push(`${name} completed`) });
      signal.pipe(map((x) => x)).subscribe({ complete: () => events.push(`${name}, piped, completed`) });
      signal.subscribe(null, null, () => events.push(`${name}, as a function, completed`));
    };
    subscribe('early');
    const gone = signal.subscribe({ complete: () => events.push('never') });
    gone.unsubscribe();
    complete();
    complete();
    subscribe('late');
    signal.dispatch('never');
    expect(events).toEqual([
      'early completed',
      'early, piped, completed',
      'early, as a function, completed',
      'late completed',
      'late, piped, completed',
      'late, as a function, completed',
    ]);
    expect(signal.observed).toBe(false);
    expect(signal.subscribe().closed).toBe(true);
  });
});

describe('adopt', () => {
  test('names the signals of the own fields of an object', () => {
    const detector = new Detector();
    expect([...signalsOf(detector)]).toEqual([
      ['changed', detector.changed],
      ['failed', detector.failed],
    ]);
    expect(String(detector.changed)).toBe('a signal');
    Signal.adopt(detector, { name: 'Detector "news"', onError: () => {} });
    expect([String(detector.changed), String(detector.failed)]).toEqual([
      'Detector "news".changed',
      'Detector "news".failed',
    ]);
  });

  test('ignores objects without signals, and does not read accessors or array elements', () => {
    const owner = { name: 'x', onError: () => {} };
    const guarded = Object.defineProperty({}, 'secret', {
      enumerable: true,
      get: () => {
        throw new Error('touched');
      },
    });
    for (const object of [{}, guarded, new EventEmitter(), Object.create(null) as object])
      expect(Signal.adopt(object, owner)).toBeUndefined();
    const list = new Proxy([new Signal()], {
      ownKeys: () => {
        throw new Error('listed');
      },
    });
    expect(Signal.adopt(list, owner)).toBeUndefined();
  });

  test('keeps the first owner, and only that owner completes the signals', () => {
    const detector = new Detector();
    const reports: string[] = [];
    const owner = (name: string): SignalOwner => ({
      name,
      onError: ({ signal, ...failure }) => void reports.push(`${failure.owner}.${signal}`),
    });
    const complete = Signal.adopt(detector, owner('first'))!;
    expect(Signal.adopt({ renamed: detector.changed }, owner('second'))).toBeUndefined();
    let completed = 0;
    detector.changed.subscribe({
      next: () => {
        throw new Error('broken');
      },
      complete: () => completed++,
    });
    detector.changed.dispatch('page');
    expect(reports).toEqual(['first.changed']);
    complete();
    expect(completed).toBe(1);
  });
});

describe('trackSubscriptions', () => {
  test('completes the collected subscriptions but not their signals', () => {
    const signal = new Signal<number>();
    const events: unknown[] = [];
    signal.subscribe((event) => events.push(['untracked', event]));
    const tracked = trackSubscriptions(() => {
      signal.subscribe({
        next: (event) => events.push(['plain', event]),
        complete: () => events.push('plain completed'),
      });
      signal.pipe(toArray()).subscribe((event) => events.push(['buffered', event]));
    });
    signal.dispatch(1);
    tracked.complete();
    tracked.complete();
    signal.dispatch(2);
    expect(events).toEqual([['untracked', 1], ['plain', 1], 'plain completed', ['buffered', [1]], ['untracked', 2]]);
  });

  test('completes all subscriptions, even if one of them throws', () => {
    const { signal, reports } = adopted();
    let completed = 0;
    const tracked = trackSubscriptions(() => {
      signal.subscribe({
        complete: () => {
          throw new Error('broken');
        },
      });
      signal.subscribe({ complete: () => completed++ });
    });
    tracked.complete();
    expect([completed, reports.length, signal.observed]).toEqual([1, 1, false]);
  });

  test('can be nested, and ends when its body throws', () => {
    const signal = new Signal<number>();
    let inner: { complete(): void } | undefined;
    const outer = trackSubscriptions(() => {
      inner = trackSubscriptions(() => signal.subscribe());
      signal.subscribe();
      expect(() =>
        trackSubscriptions(() => {
          throw new Error('body');
        }),
      ).toThrow('body');
      signal.subscribe();
    });
    signal.subscribe();
    outer.complete();
    inner!.complete();
    expect(signal.observed).toBe(true);
    const untracked = trackSubscriptions(() => {});
    signal.subscribe();
    untracked.complete();
    expect(signal.observed).toBe(true);
  });
});
