import { Signal, type SubscriberFailure } from '@asphalt/core';
import { warningsOf } from '@asphalt/test-support';
import { map, merge, of } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { adopted, Detector } from './adopted.ts';

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

  test('receives the next event, unless its operator failed', () => {
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

  test('receives the errors of its operators if it has an error callback', () => {
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

  test('is reported with the name of its function, if any, and with its own stack', async () => {
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
    const reported = failures.map(({ owner, signal, subscriber }) => `${owner} ${signal} ${subscriber}`);
    expect(reported).toEqual([
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

  test('is reported when its complete callback throws', () => {
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
    ['a string', 'broken', 'threw a non-Error value: "broken"'],
    ['nothing', undefined, 'threw a non-Error value: undefined'],
    ['an object without a text', Object.create(null), 'threw a non-Error value: [Object: null prototype] {}'],
  ])('with %s becomes a process warning if the signal has no owner', async (_, thrown, text) => {
    const signal = new Signal<number>();
    const events: number[] = [];
    signal.subscribe(() => {
      throw thrown;
    });
    signal.subscribe((event) => events.push(event));
    const warnings = await warningsOf(() => signal.dispatch(1));
    expect(warnings).toEqual([
      expect.objectContaining({
        message: `A subscriber of a signal failed: ${text}`,
        code: 'ASPHALT_SUBSCRIBER_FAILED',
      }),
    ]);
    expect(events).toEqual([1]);
  });

  test('does not affect the sender when the owner throws on the report', async () => {
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
    expect(warnings.map(({ message }) => message)).toEqual(['A subscriber of a signal failed: Error: no log']);
  });

  test('by endless recursion is reported', () => {
    const { signal, reports } = adopted();
    signal.subscribe((event) => signal.dispatch(event));
    signal.dispatch('page');
    expect(reports[0]!.error).toBeInstanceOf(RangeError);
  });
});
