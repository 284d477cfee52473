import { Signal, SignalEvent } from '@asphalt/core';
import { EventTypeError } from '@asphalt/core/errors';
import { failureOf } from '@asphalt/test-support';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

class PageChanged extends SignalEvent {
  constructor(readonly url: string) {
    super();
  }
}

class PageGone extends PageChanged {}

class Detector {
  readonly changed = new Signal(PageChanged);
}

const now = Date.parse('2024-05-06T07:08:09.010+02:00');

beforeEach(() => void vi.useFakeTimers({ now, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

function adopted(): Detector {
  const detector = new Detector();
  Signal.adopt(detector, { name: 'Detector "news"', onError: () => {} });
  return detector;
}

describe('an event', () => {
  test('receives its source, topic and time from the signal that dispatches it', () => {
    const detector = adopted();
    const events: PageChanged[] = [];
    detector.changed.subscribe((event) => events.push(event));
    const event = new PageChanged('https://example.org');
    detector.changed.dispatch(event);
    expect(events).toEqual([event]);
    expect(event).toMatchObject({ source: detector, topic: 'changed', time: now, url: 'https://example.org' });
    expect(new Date(event.time).toISOString()).toBe('2024-05-06T05:08:09.010Z');
  });

  test('describes its last dispatch, with or without subscribers', () => {
    const [one, other] = [adopted(), { gone: new Signal(PageGone) }];
    Signal.adopt(other, { name: 'other', onError: () => {} });
    const event = new PageGone('/');
    one.changed.dispatch(event);
    expect([event.source, event.topic]).toEqual([one, 'changed']);
    vi.setSystemTime(now + 1);
    other.gone.dispatch(event);
    expect(event).toMatchObject({ source: other, topic: 'gone', time: now + 1 });
  });

  test('has no source if its signal belongs to no resource, and no time before it is dispatched', () => {
    const event = new PageChanged('/');
    expect(event).toMatchObject({ source: undefined, topic: '', time: NaN });
    new Detector().changed.dispatch(event);
    expect(event).toMatchObject({ source: undefined, topic: 'signal', time: now });
  });

  test('has a toString() that includes its source and topic', () => {
    const event = new PageChanged('/');
    expect(String(event)).toBe("PageChanged(source=none, topic='')");
    adopted().changed.dispatch(event);
    expect(String(event)).toBe("PageChanged(source=Detector, topic='changed')");
    const bare = { changed: new Signal(PageChanged), __proto__: null };
    Signal.adopt(bare, { name: 'bare', onError: () => {} });
    bare.changed.dispatch(event);
    expect(String(event)).toBe("PageChanged(source=an object, topic='changed')");
  });

  test('does not include its source in JSON or in its keys', () => {
    const event = new PageChanged('/');
    adopted().changed.dispatch(event);
    expect(JSON.stringify(event)).toBe('{"url":"/"}');
    expect(Object.keys(event)).toEqual(['url']);
  });

  test('can be any value for a signal without a class, and is not modified', () => {
    const signal = new Signal<unknown>();
    const events: unknown[] = [];
    signal.subscribe((event) => events.push(event));
    const all = [new PageChanged('/'), Object.freeze({}), null, undefined, 1, 'text'];
    for (const event of all) signal.dispatch(event);
    expect(events).toEqual(all);
    expect(all[0]).toMatchObject({ topic: '' });
  });
});

describe('a signal with a class', () => {
  test('dispatches instances of the class and its subclasses, and throws an EventTypeError for other events', async () => {
    const { changed } = adopted();
    const events: unknown[] = [];
    changed.subscribe((event) => events.push(event));
    changed.dispatch(new PageGone('/'));
    const rejected: unknown[] = [
      'text',
      null,
      { url: '/' },
      Object.create(null),
      new (class Other extends SignalEvent {})(),
    ];
    const failures: unknown[] = [];
    for (const event of rejected) failures.push(await failureOf(() => changed.dispatch(event as PageChanged)));
    expect(failures.every((failure) => failure instanceof EventTypeError)).toBe(true);
    expect(failures.map((failure) => (failure as EventTypeError).summary.split(' dispatch ')[1])).toEqual([
      'a string',
      'null',
      'Object',
      'an object',
      'Other',
    ]);
    expect(events).toHaveLength(1);
  });

  test('shows the type of a rejected event and a fix in its error', async () => {
    const failure = (await failureOf(() => adopted().changed.dispatch('text' as never))) as Error;
    expect(failure.message).toMatchInlineSnapshot(`
      "A signal of PageChanged cannot dispatch a string
        called in    dispatch() of Detector "news".changed
        help         dispatch an instance of PageChanged, or create the signal without a class: new Signal()
        code         ERR_EVENT_TYPE"
    `);
  });
});
