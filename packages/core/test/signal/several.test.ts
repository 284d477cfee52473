import { Signal, SignalCompletedError, streamEvents, waitEvent } from '@asphalt/core';
import { Subject, throwError } from 'rxjs';
import { failureOf, warningsOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

class Detector {
  readonly changed = new Signal<string>();
  readonly checked = new Signal<number>();
}

function adopted(): { detector: Detector; complete: () => void } {
  const detector = new Detector();
  return { detector, complete: Signal.adopt(detector, { name: 'Detector', onError: () => {} })! };
}

describe('streamEvents', () => {
  test('streams the events of all signals in the order of their dispatch, until all have completed', async () => {
    const { detector, complete } = adopted();
    const events: Array<string | number> = [];
    const stream = streamEvents([detector.changed, detector.checked]);
    detector.checked.dispatch(1);
    detector.changed.dispatch('page');
    detector.checked.dispatch(2);
    Signal.complete(detector.changed);
    detector.checked.dispatch(3);
    complete();
    for await (const event of stream) events.push(event);
    expect(events).toEqual([1, 'page', 2, 3]);
  });

  test('applies its filter, and ends all subscriptions when the consumer leaves', async () => {
    const { detector } = adopted();
    const stream = streamEvents([detector.changed, detector.checked], { filter: (event) => event === 3 });
    for (let event = 1; event <= 3; event++) detector.checked.dispatch(event);
    expect((await stream.next()).value).toBe(3);
    await stream.return();
    expect([detector.changed.observed, detector.checked.observed]).toEqual([false, false]);
  });

  test('names the signals in the warning when it is full', async () => {
    const { detector } = adopted();
    streamEvents([detector.changed, detector.checked], { capacity: 1 });
    const warnings = await warningsOf(() => [1, 2].forEach((event) => detector.checked.dispatch(event)));
    expect(warnings[0]!.message).toContain('A stream of Detector.changed and Detector.checked is full');
  });
});

describe('waitEvent', () => {
  test('resolves with the next event of any signal, or the next that the filter accepts', async () => {
    const { detector } = adopted();
    const signals = [detector.changed, detector.checked];
    const next = waitEvent(signals);
    const three = waitEvent(signals, (event) => event === 3);
    for (let event = 1; event <= 3; event++) detector.checked.dispatch(event);
    expect([await next, await three, detector.changed.observed]).toEqual([1, 3, false]);
  });

  test('rejects when all signals complete, or with the reason of its abort signal', async () => {
    const { detector, complete } = adopted();
    const waiting = failureOf(() => waitEvent([detector.changed, detector.checked]));
    const reason = new Error('no longer');
    expect(await failureOf(() => waitEvent([detector.changed], undefined, { abort: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    complete();
    expect(await waiting).toBeInstanceOf(SignalCompletedError);
  });
});

test('the compiler infers the union of the event types', async () => {
  const { detector } = adopted();
  const stream = streamEvents([detector.changed, detector.checked], {
    filter: (event: string | number) => event !== '',
  });
  const next: Promise<IteratorResult<string | number, undefined>> = stream.next();
  // @ts-expect-error -- an event may be a number
  const texts: Promise<IteratorResult<string, undefined>> = stream.next();
  void texts;
  await stream.return();
  expect(await next).toEqual({ value: undefined, done: true });
});

test('other Observables are streamed as well; the stream ends with the error of one that fails', async () => {
  const numbers = new Subject<number>();
  const detector = new Detector();
  const stream = streamEvents([numbers, detector.changed], { capacity: 10 });
  numbers.next(1);
  detector.changed.dispatch('two');
  numbers.error(new Error('broken'));
  expect([(await stream.next()).value, (await stream.next()).value]).toEqual([1, 'two']);
  await expect(stream.next()).rejects.toThrow('broken');
  expect(detector.changed.observed).toBe(false);
  await expect(waitEvent([throwError(() => new Error('gone'))])).rejects.toThrow('gone');
});
