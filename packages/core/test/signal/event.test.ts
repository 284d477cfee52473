import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventTypeError, SignalEvent } from '../../src/signal/event.ts';
import { Signal } from '../../src/signal/signal.ts';
import { failureOf } from '../errors/failure-of.ts';

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
  test('is told its source, topic and time by the signal that dispatches it (A131)', () => {
    const detector = adopted();
    const events: PageChanged[] = [];
    detector.changed.subscribe((event) => events.push(event));
    const event = new PageChanged('https://example.org');
    detector.changed.dispatch(event);
    expect(events).toEqual([event]);
    expect(event).toMatchObject({ source: detector, topic: 'changed', time: now, url: 'https://example.org' });
    expect(new Date(event.time).toISOString()).toBe('2024-05-06T05:08:09.010Z');
  });

  test('tells of the last dispatch when there are several, whether anybody listened or not', () => {
    const [one, other] = [adopted(), { gone: new Signal(PageGone) }];
    Signal.adopt(other, { name: 'other', onError: () => {} });
    const event = new PageGone('/');
    one.changed.dispatch(event);
    expect([event.source, event.topic]).toEqual([one, 'changed']);
    vi.setSystemTime(now + 1);
    other.gone.dispatch(event);
    expect(event).toMatchObject({ source: other, topic: 'gone', time: now + 1 });
  });

  test('has no source where its signal belongs to no resource, and no time before it is dispatched', () => {
    const event = new PageChanged('/');
    expect(event).toMatchObject({ source: undefined, topic: '', time: NaN });
    new Detector().changed.dispatch(event);
    expect(event).toMatchObject({ source: undefined, topic: 'signal', time: now });
  });

  test('has a text that tells where it comes from (A132)', () => {
    const event = new PageChanged('/');
    expect(String(event)).toBe("PageChanged(source=none, topic='')");
    adopted().changed.dispatch(event);
    expect(String(event)).toBe("PageChanged(source=Detector, topic='changed')");
    const bare = { changed: new Signal(PageChanged), __proto__: null };
    Signal.adopt(bare, { name: 'bare', onError: () => {} });
    bare.changed.dispatch(event);
    expect(String(event)).toBe("PageChanged(source=an object, topic='changed')");
  });

  test('keeps its source out of what is made of its fields', () => {
    const event = new PageChanged('/');
    adopted().changed.dispatch(event);
    expect(JSON.stringify(event)).toBe('{"url":"/"}');
    expect(Object.keys(event)).toEqual(['url']);
  });

  test('may be anything for a signal without a class, which leaves it alone', () => {
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
  test('dispatches instances of it and of its subclasses, and refuses the rest at the sender (A134, A151)', async () => {
    const { changed } = adopted();
    const events: unknown[] = [];
    changed.subscribe((event) => events.push(event));
    changed.dispatch(new PageGone('/'));
    const strangers: unknown[] = [
      'text',
      null,
      { url: '/' },
      Object.create(null),
      new (class Other extends SignalEvent {})(),
    ];
    const failures: unknown[] = [];
    for (const stranger of strangers) failures.push(await failureOf(() => changed.dispatch(stranger as PageChanged)));
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

  test('says what it was given, and what to do', async () => {
    const failure = (await failureOf(() => adopted().changed.dispatch('text' as never))) as Error;
    expect(failure.message).toMatchInlineSnapshot(`
      "A signal of PageChanged cannot dispatch a string
        called in    dispatch() of Detector "news".changed
        help         dispatch an instance of PageChanged, or make the signal without a class: new Signal()
        code         ERR_EVENT_TYPE"
    `);
  });
});
