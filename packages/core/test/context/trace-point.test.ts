import { tracingChannel } from 'node:diagnostics_channel';
import { Deferred, recordTraces, settled, type Traces } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Component, Context, on, provides, Signal, startApplication, token } from '@asphalt/core';
import { tracePoint, type EventTrace, type TraceMessage } from '@asphalt/core/tracing';

interface Trace extends TraceMessage {
  readonly call: string;
}

/** Collects the messages of a point until the test ends. */
function observe<M extends TraceMessage>(name: string): Traces<M>['seen'] {
  const { seen, unsubscribe } = recordTraces<M>(name);
  onTestFinished(unsubscribe);
  return seen;
}

describe('a trace point', () => {
  test('without a subscriber, a point is not observed and only calls the function', () => {
    const point = tracePoint<Trace>('test.unobserved');
    expect(point.observed).toBe(false);
    expect(point.run({ call: 'a' }, () => 1)).toBe(1);
  });

  test.each(['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const)(
    'a subscriber of the channel %s makes the point observed',
    (channel) => {
      const name = `test.observed.${channel}`;
      const ignore = (): void => undefined;
      tracingChannel(name)[channel].subscribe(ignore);
      expect(tracePoint(name).observed).toBe(true);
      tracingChannel(name)[channel].unsubscribe(ignore);
      expect(tracePoint(name).observed).toBe(false);
    },
  );

  test('a call that returns a value publishes one message on start and end', () => {
    const seen = observe<Trace>('test.sync');
    const message = { call: 'a' };
    expect(tracePoint<Trace>('test.sync').run(message, () => 1)).toBe(1);
    expect(seen).toEqual([
      ['start', message],
      ['end', message],
    ]);
    expect(seen.every(([, each]) => each === message)).toBe(true);
  });

  test('a call that throws publishes its error before the end', () => {
    const seen = observe<Trace>('test.throws');
    const failure = new Error('no');
    const call = (): never => {
      throw failure;
    };
    expect(() => tracePoint<Trace>('test.throws').run({ call: 'a' }, call)).toThrow(failure);
    expect(seen.map(([channel]) => channel)).toEqual(['start', 'error', 'end']);
    expect(seen[1]![1].error).toBe(failure);
  });

  test('a call that returns a promise publishes asyncStart and asyncEnd when the promise has settled', async () => {
    const seen = observe<Trace>('test.async');
    const gate = new Deferred<number>();
    const running = tracePoint<Trace>('test.async').run({ call: 'a' }, () => gate.promise);
    await settled();
    expect(seen.splice(0).map(([channel]) => channel)).toEqual(['start', 'end']);
    gate.resolve(1);
    expect(await running).toBe(1);
    expect(seen.map(([channel]) => channel)).toEqual(['asyncStart', 'asyncEnd']);
  });

  test('a promise that rejects publishes its error and rejects with the same one', async () => {
    const seen = observe<Trace>('test.rejects');
    const failure = new Error('no');
    await expect(tracePoint<Trace>('test.rejects').run({ call: 'a' }, () => Promise.reject(failure))).rejects.toBe(
      failure,
    );
    expect(seen.map(([channel]) => channel)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(seen[2]![1].error).toBe(failure);
  });
});

describe('asphalt.event', () => {
  const Source = token<{ changed: Signal<number> }>('Source');

  class App extends Component {
    @provides(Source)
    source(): { changed: Signal<number> } {
      return { changed: new Signal<number>() };
    }

    @on(Source, (source) => source.changed)
    async take(event: number, context: Context): Promise<void> {
      context.onTeardown(() => {
        if (event === 2) throw new Error('cannot commit');
      });
    }
  }

  test('an event is published with its component, member and context, and ends after the context has closed', async () => {
    const seen = observe<EventTrace>('asphalt.event');
    const states: string[] = [];
    const note = (message: unknown): void => void states.push((message as EventTrace).context.state);
    const { start, asyncEnd } = tracingChannel('asphalt.event');
    for (const channel of [start, asyncEnd]) {
      channel.subscribe(note);
      onTestFinished(() => channel.unsubscribe(note));
    }
    const reported: unknown[] = [];
    const application = await startApplication(App, { onError: (error) => void reported.push(error) });
    application.context.getResourceSync(Source).changed.dispatch(1);
    await settled();
    expect(states).toEqual(['open', 'closed']);
    expect(seen.map(([channel]) => channel)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    const { component, member, context } = seen[0]![1];
    expect([component, member, context.name, context.parent]).toEqual(['', 'take', 'App.take', application.context]);
    application.context.getResourceSync(Source).changed.dispatch(2);
    await settled();
    const failed = seen.find(([channel]) => channel === 'error')!;
    expect(String(failed[1].error)).toContain('cannot commit');
    expect(reported).toHaveLength(1);
    await application.stop();
  });
});
