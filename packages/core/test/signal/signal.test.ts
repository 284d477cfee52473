import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EventEmitter } from 'node:events';
import { firstValueFrom, from, isObservable, lastValueFrom, map, merge, of, switchMap, toArray } from 'rxjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Signal,
  signalsOf,
  trackSubscriptions,
  type SignalOwner,
  type SubscriberFailure,
} from '../../src/signal/signal.ts';
import { SignalCompletedError } from '../../src/signal/wait.ts';
import { failureOf, warningsOf } from '../errors/failure-of.ts';

class Detector {
  readonly changed = new Signal<string>();
  readonly failed = new Signal<Error>();
}

interface Report {
  readonly error: unknown;
  readonly signal: string;
}

/** An adopted signal, what is reported of it, and what completes it. */
function adopted(): { signal: Signal<string>; reports: Report[]; complete: () => void } {
  const detector = new Detector();
  const reports: Report[] = [];
  const complete = Signal.adopt(detector, {
    name: 'Detector',
    onError: ({ error, owner, signal }) => void reports.push({ error, signal: `${owner}.${signal}` }),
  })!;
  return { signal: detector.changed, reports, complete };
}

describe('dispatch', () => {
  test('reaches subscribers in the order in which they subscribed, at once', () => {
    const signal = new Signal<number>();
    const events: string[] = [];
    signal.subscribe((event) => events.push(`a${event}`));
    signal.subscribe({ next: (event) => events.push(`b${event}`) });
    signal.pipe(map((event) => event * 10)).subscribe((event) => events.push(`c${event}`));
    signal.dispatch(1);
    expect(events).toEqual(['a1', 'b1', 'c10']);
  });

  test('without subscribers, and of undefined, is fine (A135)', () => {
    const signal = new Signal<undefined>();
    signal.dispatch(undefined);
    const events: unknown[] = [];
    signal.subscribe((event) => events.push(event));
    signal.dispatch(undefined);
    expect(events).toEqual([undefined]);
  });

  test('of one signal of an object does not reach the subscribers of another (B01)', () => {
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

  test('calls functions by themselves: they see nothing of the signal', () => {
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

  test('reaches async functions (A150)', async () => {
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

describe('in the middle of a dispatch', () => {
  test('who subscribes gets the next event, who unsubscribes gets no more', () => {
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

  test('the same holds behind operators', () => {
    const signal = new Signal<number>();
    const events: string[] = [];
    signal.subscribe(() => second.unsubscribe());
    const second = signal.pipe(map(String)).subscribe((event) => events.push(event));
    signal.dispatch(1);
    expect(events).toEqual([]);
  });

  test('a dispatch is delivered at once, inside the outer one', () => {
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

  test('anything may happen: it is as if every subscriber had been asked in turn', () => {
    // A subscriber, when it gets an event, drops some of the others and lets new ones in.
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
        let there: Array<{ next: () => void; gone: boolean }> = [];
        const naive = run(
          (_, next) => {
            const entry = { next, gone: false };
            there.push(entry);
            return () => (entry.gone = true);
          },
          () => {
            for (const entry of there.slice()) if (!entry.gone) entry.next();
            there = there.filter(({ gone }) => !gone);
          },
        );
        expect(actual).toEqual(naive);
      }),
    );
  });
});

describe('a subscriber that fails', () => {
  const failure = new Error('broken');
  const rejects = (() => Promise.reject(failure)) as unknown as () => void;

  test.each<[string, (signal: Signal<string>) => unknown]>([
    [
      'a function that throws',
      (s) =>
        s.subscribe(() => {
          throw failure;
        }),
    ],
    [
      'an observer that throws',
      (s) =>
        s.subscribe({
          next: () => {
            throw failure;
          },
        }),
    ],
    ['an async function that rejects', (s) => s.subscribe(rejects)],
    [
      'a function behind operators that throws',
      (s) =>
        s.pipe(map((x) => x)).subscribe(() => {
          throw failure;
        }),
    ],
    ['an async function behind operators that rejects', (s) => s.pipe(map((x) => x)).subscribe(rejects)],
    [
      'an operator that throws',
      (s) =>
        s
          .pipe(
            map(() => {
              throw failure;
            }),
          )
          .subscribe(() => {}),
    ],
    [
      'an operator that throws behind others',
      (s) =>
        s
          .pipe(
            map((x) => x),
            map(() => {
              throw failure;
            }),
            map((x) => x),
          )
          .subscribe(),
    ],
    [
      'an error callback that throws',
      (s) =>
        s
          .pipe(
            map(() => {
              throw new Error('inner');
            }),
          )
          .subscribe({
            error: () => {
              throw failure;
            },
          }),
    ],
  ])('as %s is reported with the name of its signal, and the others get the event', async (_, subscribe) => {
    const { signal, reports } = adopted();
    const events: string[] = [];
    signal.subscribe((event) => events.push(`before ${event}`));
    subscribe(signal);
    signal.subscribe((event) => events.push(`after ${event}`));
    signal.dispatch('page');
    await new Promise(setImmediate);
    expect(events).toEqual(['before page', 'after page']);
    expect(reports).toEqual([{ error: failure, signal: 'Detector.changed' }]);
  });

  test('gets the next event all the same; one whose operator failed does not', () => {
    const { signal, reports } = adopted();
    const events: string[] = [];
    signal.subscribe((event) => {
      events.push(`plain ${event}`);
      throw failure;
    });
    signal.pipe(map((event) => event)).subscribe((event) => {
      events.push(`piped ${event}`);
      throw failure;
    });
    signal
      .pipe(
        map((): string => {
          throw failure;
        }),
      )
      .subscribe((event) => events.push(event));
    signal.dispatch('1');
    signal.dispatch('2');
    expect(events).toEqual(['plain 1', 'piped 1', 'plain 2', 'piped 2']);
    expect(reports).toHaveLength(5);
  });

  test('hears itself of what its operators throw when it has a callback for errors', () => {
    const { signal, reports } = adopted();
    const errors: unknown[] = [];
    signal
      .pipe(
        map(() => {
          throw failure;
        }),
      )
      .subscribe({ error: (error: unknown) => errors.push(error) });
    signal
      .pipe(
        map(() => {
          throw failure;
        }),
      )
      .subscribe(null, (error: unknown) => errors.push(error));
    merge(
      signal.pipe(
        map(() => {
          throw failure;
        }),
      ),
      of(1),
    ).subscribe({ error: (error: unknown) => errors.push(error) });
    signal.dispatch('page');
    expect(errors).toEqual([failure, failure, failure]);
    expect(reports).toEqual([]);
    expect(signal.observed).toBe(false);
  });

  test('is named where it has a name, with its own stack', async () => {
    const detector = new Detector();
    const failures: SubscriberFailure[] = [];
    Signal.adopt(detector, { name: 'Detector', onError: (failed) => void failures.push(failed) });
    const { changed } = detector;
    const keepRecord = (): never => {
      throw new Error('disk full');
    };
    async function sendMail(): Promise<never> {
      await Promise.resolve();
      throw new Error('no route');
    }
    changed.subscribe(keepRecord);
    changed.subscribe(sendMail as () => void);
    changed.subscribe({
      next() {
        throw failure;
      },
    });
    changed.subscribe(() => {
      throw failure;
    });
    changed.pipe(map((page) => page)).subscribe(keepRecord);
    changed.pipe(map(keepRecord)).subscribe();
    changed.dispatch('page');
    await new Promise(setImmediate);
    const told = failures.map(({ owner, signal, subscriber }) => `${owner} ${signal} ${subscriber}`);
    expect(told).toEqual([
      'Detector changed keepRecord',
      'Detector changed next',
      'Detector changed undefined',
      'Detector changed keepRecord',
      'Detector changed undefined',
      'Detector changed sendMail',
    ]);
    expect((failures[0]!.error as Error).stack).toContain('keepRecord');
    expect((failures[5]!.error as Error).stack).toContain('sendMail');
  });

  test('is reported when it completes', () => {
    const { signal, reports, complete } = adopted();
    const events: string[] = [];
    const fails = {
      complete: () => {
        throw failure;
      },
    };
    signal.subscribe(fails);
    signal.pipe(map((x) => x)).subscribe(fails);
    signal.subscribe({ complete: () => events.push('completed') });
    complete();
    signal.subscribe(fails);
    expect(events).toEqual(['completed']);
    expect(reports).toEqual(Array.from({ length: 3 }, () => ({ error: failure, signal: 'Detector.changed' })));
  });

  test.each([
    ['an error', failure, 'Error: broken'],
    ['a string', 'broken', 'thrown value broken'],
    ['nothing', undefined, 'thrown value undefined'],
    ['an object without a text', Object.create(null), 'thrown value [Object: null prototype] {}'],
  ])('with %s becomes a warning of the process where nobody adopted the signal', async (_, thrown, text) => {
    const signal = new Signal<number>();
    const events: number[] = [];
    signal.subscribe(() => {
      throw thrown;
    });
    signal.subscribe((event) => events.push(event));
    const warnings = await warningsOf(() => signal.dispatch(1));
    expect(warnings).toEqual([
      expect.objectContaining({
        message: `A subscriber of a signal threw: ${text}`,
        code: 'ASPHALT_SUBSCRIBER_FAILED',
      }),
    ]);
    expect(events).toEqual([1]);
  });

  test('does not reach the sender when the owner fails to take the report', async () => {
    const detector = new Detector();
    Signal.adopt(detector, {
      name: 'Detector',
      onError: () => {
        throw new Error('no log');
      },
    });
    detector.changed.subscribe(() => {
      throw failure;
    });
    const warnings = await warningsOf(() => detector.changed.dispatch('page'));
    expect(warnings.map(({ message }) => message)).toEqual(['A subscriber of a signal threw: Error: no log']);
  });

  test('by calling itself for ever ends in a report', () => {
    const { signal, reports } = adopted();
    signal.subscribe((event) => signal.dispatch(event));
    signal.dispatch('page');
    expect(reports[0]!.error).toBeInstanceOf(RangeError);
  });
});

describe('subscriptions', () => {
  test('can be ended twice, and by their own event (A148, A149)', () => {
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

  test('of one function twice are two, other than in the original (A155)', () => {
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

  test('are RxJS subscriptions: others can be added, and they end with `using`-like owners', () => {
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
  test('reaches everybody once, also those who come late, and nothing follows', () => {
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

describe('as an Observable', () => {
  test('a signal is one for RxJS', async () => {
    const signal = new Signal<number>();
    expect(isObservable(signal)).toBe(true);
    expect(from(signal)).toBe(signal);
    const first = firstValueFrom(signal);
    const inner = firstValueFrom(of('x').pipe(switchMap(() => signal)));
    signal.dispatch(1);
    expect([await first, await inner]).toEqual([1, 1]);
    expect(signal.observed).toBe(false);
  });

  test('operators that wait for the end get it', async () => {
    const { signal, complete } = adopted();
    const all = lastValueFrom(signal.pipe(toArray()));
    const last = lastValueFrom(signal);
    const each = signal.forEach(() => {});
    signal.dispatch('a');
    signal.dispatch('b');
    complete();
    expect([await all, await last, await each]).toEqual([['a', 'b'], 'b', undefined]);
  });

  test('an operator that fails rejects the promise of who waits', async () => {
    const signal = new Signal<number>();
    const first = failureOf(() =>
      firstValueFrom(
        signal.pipe(
          map(() => {
            throw new RangeError('far');
          }),
        ),
      ),
    );
    signal.dispatch(1);
    expect(await first).toBeInstanceOf(RangeError);
  });

  test('another copy of RxJS can subscribe and unsubscribe', async () => {
    const require = createRequire(import.meta.url);
    const copy = require(
      join(dirname(require.resolve('rxjs/package.json')), 'dist/bundles/rxjs.umd.js'),
    ) as typeof import('rxjs');
    expect(copy.Observable).not.toBe(Object.getPrototypeOf(Signal));
    const signal = new Signal<number>();
    const events: number[] = [];
    const subscription = copy
      .from(signal)
      .pipe(copy.map((x) => x * 2))
      .subscribe((event) => events.push(event));
    const direct = (signal.pipe(copy.map((x: number) => x * 3) as never) as Signal<number>).subscribe((event) =>
      events.push(event),
    );
    signal.dispatch(1);
    expect(events).toEqual([2, 3]);
    subscription.unsubscribe();
    direct.unsubscribe();
    expect(signal.observed).toBe(false);
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

  test('leaves objects without signals alone, and does not touch their accessors or their elements', () => {
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

  test('keeps the first owner, who alone completes the signals', () => {
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

describe('wait', () => {
  test('gives the next event, or the next that the filter accepts (A137, A138)', async () => {
    const signal = new Signal<number>();
    const next = signal.wait();
    const three = signal.wait((event) => event === 3);
    const warnings = await warningsOf(() => {
      for (let event = 1; event <= 5; event++) signal.dispatch(event);
    });
    expect([await next, await three, warnings, signal.observed]).toEqual([1, 3, [], false]);
  });

  test('can give undefined', async () => {
    const signal = new Signal<void>();
    const next = signal.wait();
    signal.dispatch();
    expect(await next).toBeUndefined();
  });

  test('fails with the reason of its signal, before and while it waits', async () => {
    const signal = new Signal<number>();
    const reason = new Error('no longer');
    expect(await failureOf(() => signal.wait(undefined, { abort: AbortSignal.abort(reason) }))).toBe(reason);
    const controller = new AbortController();
    const waiting = failureOf(() => signal.wait(undefined, { abort: controller.signal }));
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(signal.observed).toBe(false);
  });

  test('fails when the signal completes, before and while it waits', async () => {
    const { signal, complete } = adopted();
    const waiting = failureOf(() => signal.wait());
    complete();
    expect(await waiting).toBeInstanceOf(SignalCompletedError);
    expect(await failureOf(() => signal.wait())).toBeInstanceOf(SignalCompletedError);
  });

  test('fails with what the filter throws, and the sender does not notice (B25)', async () => {
    const signal = new Signal<number>();
    const waiting = failureOf(() =>
      signal.wait(() => {
        throw new RangeError('filter');
      }),
    );
    signal.dispatch(1);
    expect(await waiting).toBeInstanceOf(RangeError);
    expect(signal.observed).toBe(false);
  });
});

describe('trackSubscriptions', () => {
  test('completes the subscriptions that were made, and the signals go on', () => {
    const signal = new Signal<number>();
    const events: unknown[] = [];
    signal.subscribe((event) => events.push(['untracked', event]));
    const tracked = trackSubscriptions(() => {
      signal.subscribe({
        next: (event) => events.push(['plain', event]),
        complete: () => events.push('plain completed'),
      });
      signal.pipe(toArray()).subscribe((event) => events.push(['held back', event]));
    });
    signal.dispatch(1);
    tracked.complete();
    tracked.complete();
    signal.dispatch(2);
    expect(events).toEqual([['untracked', 1], ['plain', 1], 'plain completed', ['held back', [1]], ['untracked', 2]]);
  });

  test('completes all, also when one of them fails at that', () => {
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

  test('may be nested, and ends when its body fails', () => {
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

test('SignalCompletedError says why signals complete', () => {
  expect(new SignalCompletedError().message).toMatchInlineSnapshot(`
    "The signal completed before the awaited event came
      note         a signal completes when the context of its owner closes
      code         ERR_SIGNAL_COMPLETED"
  `);
});
