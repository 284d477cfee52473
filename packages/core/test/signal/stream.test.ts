import { getEventListeners } from 'node:events';
import { type Overflow, Signal, type StreamOptions, StreamOverflowError } from '@asphalt/core';
import { failureOf, warningsOf } from '@asphalt/test-support';
import { concat, merge, NEVER, of, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { EventStream } from '../../src/signal/stream.ts';

/** Reads a stream until it ends; rejects if it ends with an error. */
async function drained<T>(stream: EventStream<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

function completed<T>(): { signal: Signal<T>; complete: () => void } {
  const owner = { signal: new Signal<T>() };
  return { signal: owner.signal, complete: Signal.adopt(owner, { name: 'Detector', onError: () => {} })! };
}

describe('a stream', () => {
  test('returns later events in order until its signal completes', async () => {
    const { signal, complete } = completed<number>();
    signal.dispatch(0);
    const stream = signal.stream();
    [1, 2, 3].forEach((event) => signal.dispatch(event));
    complete();
    expect(await drained(stream)).toEqual([1, 2, 3]);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test('of a completed signal ends immediately', async () => {
    const { signal, complete } = completed<number>();
    complete();
    const { signal: abort } = new AbortController();
    expect(await drained(signal.stream({ abort }))).toEqual([]);
    expect(getEventListeners(abort, 'abort')).toEqual([]);
  });

  test('is used by `for await` on a signal, and leaving the loop ends the subscription', async () => {
    const signal = new Signal<number>();
    const seen: number[] = [];
    const loop = (async () => {
      for await (const event of signal) {
        seen.push(event);
        if (event === 2) break;
      }
    })();
    [1, 2, 3].forEach((event) => signal.dispatch(event));
    await loop;
    expect([seen, signal.observed]).toEqual([[1, 2], false]);
  });

  test('ends its subscription when the loop throws, or at the end of an `await using` block', async () => {
    const signal = new Signal<number>();
    const loop = failureOf(async () => {
      for await (const event of signal) throw new Error(`event ${event}`);
    });
    signal.dispatch(1);
    expect(await loop).toMatchObject({ message: 'event 1' });
    {
      await using stream = signal.stream();
      expect([signal.observed, stream.dropped]).toEqual([true, 0]);
    }
    expect(signal.observed).toBe(false);
  });

  test('resolves calls of next() in call order', async () => {
    const signal = new Signal<number>();
    const stream = signal.stream();
    signal.dispatch(1);
    const calls = [stream.next(), stream.next(), stream.next()];
    signal.dispatch(2);
    signal.dispatch(3);
    expect((await Promise.all(calls)).map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  test('does not count pending calls of next() against its capacity', async () => {
    const signal = new Signal<number>();
    const stream = signal.stream({ capacity: 1, overflow: 'drop-oldest' });
    const calls = [stream.next(), stream.next()];
    [1, 2, 3, 4].forEach((event) => signal.dispatch(event));
    expect((await Promise.all([...calls, stream.next()])).map(({ value }) => value)).toEqual([1, 2, 4]);
    expect(stream.dropped).toBe(1);
  });

  test('drops queued events and ends pending calls of next() on return()', async () => {
    const signal = new Signal<number>();
    const full = signal.stream();
    signal.dispatch(1);
    expect(await full.return()).toEqual({ value: undefined, done: true });
    expect(await full.next()).toEqual({ value: undefined, done: true });
    const empty = signal.stream();
    const waiting = [empty.next(), empty.next()];
    await empty.return();
    await empty.return();
    expect(await Promise.all(waiting)).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ]);
    expect(signal.observed).toBe(false);
  });

  test('does not throw a pending error after return()', async () => {
    const signal = new Signal<number>();
    const stream = signal.stream({ overflow: 'error', capacity: 1 });
    [1, 2].forEach((event) => signal.dispatch(event));
    await stream.return();
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test('can queue and return 300,000 events', async () => {
    const signal = new Signal<number>();
    const stream = signal.stream({ overflow: 'unbounded' });
    for (let event = 0; event < 300_000; event++) signal.dispatch(event);
    let sum = 0;
    for (let taken = 0; taken < 300_000; taken++) sum += (await stream.next()).value!;
    expect(sum).toBe((300_000 * 299_999) / 2);
  });

  test('keeps order and capacity while events are added and removed', async () => {
    const signal = new Signal<number>();
    const stream = signal.stream({ capacity: 3, overflow: 'drop-oldest' });
    const taken: number[] = [];
    for (let event = 0; event < 100; event++) {
      signal.dispatch(event);
      if (event % 5 === 4) for (let i = 0; i < 2; i++) taken.push((await stream.next()).value!);
    }
    expect(taken.slice(0, 6)).toEqual([2, 3, 7, 8, 12, 13]);
    expect(taken.at(-1)).toBe(98);
    expect(stream.dropped).toBe(100 - 40 - 1);
  });
});

describe('a full stream', () => {
  const rows: Array<[Overflow | undefined, events: number[], dropped: number]> = [
    [undefined, [1, 2], 3],
    ['drop-newest', [1, 2], 3],
    ['drop-oldest', [4, 5], 3],
    ['latest', [5], 4],
    ['unbounded', [1, 2, 3, 4, 5], 0],
  ];

  test.each(rows)('with overflow %j keeps %j', async (overflow, events, dropped) => {
    const { signal, complete } = completed<number>();
    const options: StreamOptions<number> = { capacity: 2, ...(overflow && { overflow }) };
    const stream = signal.stream(options);
    const warnings = await warningsOf(() => [1, 2, 3, 4, 5].forEach((event) => signal.dispatch(event)));
    complete();
    expect(await drained(stream)).toEqual(events);
    expect(stream.dropped).toBe(dropped);
    expect(warnings).toHaveLength(overflow === undefined || overflow === 'drop-newest' ? 1 : 0);
  });

  test("with overflow 'error' returns the queued events, then throws the error once, then ends", async () => {
    const signal = new Signal<number>();
    const stream = signal.stream({ capacity: 2, overflow: 'error' });
    [1, 2, 3, 4].forEach((event) => signal.dispatch(event));
    expect(signal.observed).toBe(false);
    expect([(await stream.next()).value, (await stream.next()).value]).toEqual([1, 2]);
    expect(await failureOf(() => stream.next())).toBeInstanceOf(StreamOverflowError);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    expect(stream.dropped).toBe(0);
  });

  test('holds 50 events by default, and warns once with the name of its signal', async () => {
    const { signal } = completed<number>();
    const stream = signal.stream();
    const warnings = await warningsOf(() => {
      for (let event = 0; event < 60; event++) signal.dispatch(event);
    });
    expect(stream.dropped).toBe(10);
    expect(warnings.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "A stream of Detector.signal is full (50 waiting); further events are dropped for this consumer",
      ]
    `);
    expect(warnings[0]).toMatchObject({ code: 'ASPHALT_STREAM_FULL' });
  });

  test.each<Overflow>(['drop-newest', 'drop-oldest', 'error'])(
    'of capacity 0 holds one event with overflow %j',
    async (overflow) => {
      const { signal, complete } = completed<number>();
      const stream = signal.stream({ capacity: 0, overflow });
      signal.dispatch(1);
      complete();
      expect(await drained(stream)).toEqual([1]);
      expect(stream.dropped).toBe(0);
    },
  );

  test('does not affect other subscribers', async () => {
    const signal = new Signal<number>();
    const events: number[] = [];
    signal.stream({ capacity: 1, overflow: 'error' });
    signal.stream({ capacity: 1, overflow: 'latest' });
    signal.subscribe((event) => events.push(event));
    [1, 2, 3].forEach((event) => signal.dispatch(event));
    expect(events).toEqual([1, 2, 3]);
  });
});

describe('a filter', () => {
  test('runs at dispatch, so that rejected events do not fill the queue', async () => {
    const { signal, complete } = completed<number>();
    const stream = signal.stream({ capacity: 2, overflow: 'error', filter: (event) => event % 10 === 0 });
    for (let event = 1; event <= 20; event++) signal.dispatch(event);
    complete();
    expect(await drained(stream)).toEqual([10, 20]);
  });

  test('that throws ends the stream after the queued events, and does not affect the sender or other subscribers', async () => {
    const signal = new Signal<number>();
    const failure = new Error('filter');
    const stream = signal.stream({
      filter: (event) => {
        if (event === 2) throw failure;
        return true;
      },
    });
    const others: number[] = [];
    signal.subscribe((event) => others.push(event));
    const warnings = await warningsOf(() => [1, 2, 3].forEach((event) => signal.dispatch(event)));
    expect((await stream.next()).value).toBe(1);
    expect(await failureOf(() => stream.next())).toBe(failure);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    expect([others, warnings]).toEqual([[1, 2, 3], []]);
  });
});

describe('the abort signal of a stream', () => {
  const reason = new Error('no longer');

  test('ends the stream immediately if it is already aborted', async () => {
    const signal = new Signal<number>();
    const stream = signal.stream({ abort: AbortSignal.abort(reason) });
    expect(signal.observed).toBe(false);
    expect(await failureOf(() => stream.next())).toBe(reason);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test('ends the stream after the queued events, and ends the subscription', async () => {
    const signal = new Signal<number>();
    const controller = new AbortController();
    const stream = signal.stream({ abort: controller.signal });
    signal.dispatch(1);
    controller.abort(reason);
    signal.dispatch(2);
    expect(signal.observed).toBe(false);
    expect((await stream.next()).value).toBe(1);
    expect(await failureOf(() => stream.next())).toBe(reason);
  });

  test('rejects the first pending call of next() and ends the others', async () => {
    const signal = new Signal<number>();
    const controller = new AbortController();
    const stream = signal.stream({ abort: controller.signal });
    const waiting = [stream.next(), stream.next(), stream.next()];
    controller.abort(reason);
    expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  test('has no effect and no listener after the stream has ended', async () => {
    const signal = new Signal<number>();
    const controller = new AbortController();
    const stream = signal.stream({ abort: controller.signal });
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    await stream.return();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    controller.abort(reason);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });
});

describe('a stream of another Observable', () => {
  test('returns the events of merged signals in the order of dispatch', async () => {
    const [one, two] = [completed<string>(), completed<string>()];
    const stream = new EventStream(merge(one.signal, two.signal));
    one.signal.dispatch('a');
    two.signal.dispatch('b');
    one.signal.dispatch('c');
    one.complete();
    two.complete();
    expect(await drained(stream)).toEqual(['a', 'b', 'c']);
  });

  test('handles events and errors that occur during subscribe()', async () => {
    expect(await drained(new EventStream(of(1, 2, 3)))).toEqual([1, 2, 3]);
    const stream = new EventStream(concat(of(1, 2, 3), NEVER), { capacity: 1, overflow: 'error' });
    expect((await stream.next()).value).toBe(1);
    expect(await failureOf(() => stream.next())).toBeInstanceOf(StreamOverflowError);
  });

  test('ends with the error of the Observable', async () => {
    const failure = new Error('source');
    expect(await failureOf(() => drained(new EventStream(throwError(() => failure))))).toBe(failure);
  });
});

test('StreamOverflowError shows the capacity and a fix', () => {
  expect(new StreamOverflowError(50).message).toMatchInlineSnapshot(`
    "A signal stream is full: 50 events wait for a consumer that is slower than the sender
      help         raise its capacity, or choose another overflow policy, such as 'drop-oldest' or 'latest'
      code         ERR_STREAM_OVERFLOW"
  `);
});
