import { Signal, SignalCompletedError } from '@asphalt/core';
import { failureOf, warningsOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { adopted } from './adopted.ts';

describe('wait', () => {
  test('resolves with the next event, or the next that the filter accepts', async () => {
    const signal = new Signal<number>();
    const next = signal.wait();
    const three = signal.wait((event) => event === 3);
    const warnings = await warningsOf(() => {
      for (let event = 1; event <= 5; event++) signal.dispatch(event);
    });
    expect([await next, await three, warnings, signal.observed]).toEqual([1, 3, [], false]);
  });

  test('can resolve with undefined', async () => {
    const signal = new Signal<void>();
    const next = signal.wait();
    signal.dispatch();
    expect(await next).toBeUndefined();
  });

  test('rejects with the reason of its abort signal, aborted before the call or later', async () => {
    const signal = new Signal<number>();
    const reason = new Error('no longer');
    expect(await failureOf(() => signal.wait(undefined, { abort: AbortSignal.abort(reason) }))).toBe(reason);
    const controller = new AbortController();
    const waiting = failureOf(() => signal.wait(undefined, { abort: controller.signal }));
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(signal.observed).toBe(false);
  });

  test('rejects when the signal completes, before the call or later', async () => {
    const { signal, complete } = adopted();
    const waiting = failureOf(() => signal.wait());
    complete();
    expect(await waiting).toBeInstanceOf(SignalCompletedError);
    expect(await failureOf(() => signal.wait())).toBeInstanceOf(SignalCompletedError);
  });

  test('rejects with the error of its filter, and dispatch() does not throw it', async () => {
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

test('SignalCompletedError explains why a signal completes', () => {
  expect(new SignalCompletedError().message).toMatchInlineSnapshot(`
    "The signal completed before the awaited event arrived
      note         a signal completes when the context of its owner closes
      code         ERR_SIGNAL_COMPLETED"
  `);
});
