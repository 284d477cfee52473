import { describe, expect, test } from 'vitest';
import { Signal } from '../../src/signal/signal.ts';
import { failureOf, warningsOf } from '../errors/failure-of.ts';
import { adopted } from './adopted.ts';
import { SignalCompletedError } from '../../src/signal/wait.ts';

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

test('SignalCompletedError says why signals complete', () => {
  expect(new SignalCompletedError().message).toMatchInlineSnapshot(`
    "The signal completed before the awaited event came
      note         a signal completes when the context of its owner closes
      code         ERR_SIGNAL_COMPLETED"
  `);
});
