import { settled } from '@asphalt/test-support';
import { map, merge, Subscription } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { component, Component, inject, provides, Signal, startApplication, streamEvents } from '@asphalt/core';
import { SubscriberError } from '@asphalt/core/errors';
import { Journal } from './journal.ts';

/** Outlives every application, so a remaining subscriber is a leak. */
class Clock {
  readonly ticked = new Signal<string>();
}

class Marker {}

describe("subscriptions made by a component's code", () => {
  test.each<[string, (clock: Clock, heard: Journal) => new () => Component]>([
    [
      'in its constructor',
      ({ ticked }, heard) =>
        class Listener extends Component {
          constructor() {
            super();
            ticked.subscribe((event) => heard.push(event));
          }
        },
    ],
    [
      'in prepare()',
      ({ ticked }, heard) =>
        class Listener extends Component {
          override prepare(): void {
            ticked.subscribe({ next: (event) => heard.push(event) });
          }
        },
    ],
    [
      'in a provider',
      ({ ticked }, heard) => {
        class Listener extends Component {
          @provides(Marker) marker(): Marker {
            ticked.pipe(map((event) => event)).subscribe((event) => heard.push(event));
            return new Marker();
          }
        }
        return Listener;
      },
    ],
    [
      'in start() before the first await',
      ({ ticked }, heard) =>
        class Listener extends Component {
          override async start(): Promise<void> {
            ticked.subscribe((event) => heard.push(event));
            await settled();
          }
        },
    ],
    [
      'in a generator start()',
      ({ ticked }, heard) =>
        class Listener extends Component {
          override *start(): Generator<void, void, unknown> {
            ticked.subscribe((event) => heard.push(event));
            yield;
          }
        },
    ],
    [
      'in ready()',
      ({ ticked }, heard) =>
        class Listener extends Component {
          override ready(): void {
            ticked.subscribe((event) => heard.push(event));
          }
        },
    ],
    [
      'for a loop over its events',
      ({ ticked }, heard) =>
        class Listener extends Component {
          override start(): void {
            void this.#listen();
          }
          async #listen(): Promise<void> {
            for await (const event of ticked) heard.push(event);
            heard.push('loop ended');
          }
        },
    ],
    [
      'for a loop over the events of several signals',
      ({ ticked }, heard) =>
        class Listener extends Component {
          override start(): void {
            void this.#listen();
          }
          async #listen(): Promise<void> {
            for await (const event of streamEvents([ticked])) heard.push(event);
            heard.push('loop ended');
          }
        },
    ],
    [
      'with until() after an await',
      ({ ticked }, heard) =>
        class Listener extends Component {
          override async start(): Promise<void> {
            await settled();
            ticked.pipe(this.context.until()).subscribe((event) => heard.push(event));
            merge(ticked, ticked)
              .pipe(this.context.until())
              .subscribe(() => heard.push('merged'));
          }
        },
    ],
  ])('a subscription %s ends with the component', async (_, make) => {
    const clock = new Clock();
    const heard = new Journal();
    const app = await startApplication(make(clock, heard));
    clock.ticked.dispatch('tick');
    await settled();
    expect(heard.take()).toContain('tick');
    await app.stop();
    expect(clock.ticked.observed).toBe(false);
    clock.ticked.dispatch('tock');
    await settled();
    expect(heard.take()).not.toContain('tock');
  });

  test('a subscription completes before earlier teardowns of its component run', async () => {
    const { ticked } = new Clock();
    const journal = new Journal();
    class Listener extends Component {
      override start(): void {
        this.context.onTeardown(() => void journal.push('first torn down'));
        ticked.subscribe({ complete: () => journal.push('completed') });
        ticked.pipe(map(String)).subscribe({ complete: () => journal.push('piped completed') });
        this.context.onTeardown(() => void journal.push('last torn down'));
      }
    }
    const app = await startApplication(Listener);
    await app.stop();
    expect(journal).toEqual(['last torn down', 'piped completed', 'completed', 'first torn down']);
  });

  test('a subscription ends when the start of its component fails', async () => {
    const { ticked } = new Clock();
    class Listener extends Component {
      override start(): void {
        ticked.subscribe();
        throw new Error('no');
      }
    }
    await expect(startApplication(Listener)).rejects.toThrow('no');
    expect(ticked.observed).toBe(false);
  });

  test('subscriptions made by a subscriber during an event do not end with the component', async () => {
    const { ticked } = new Clock();
    const heard: string[] = [];
    const outside = new Subscription();
    const shared = streamEvents([ticked]);
    class Listener extends Component {
      override start(): void {
        ticked.subscribe(() => {
          // A subscription made during an event has no owner.
          if (outside.closed || heard.length > 0) return;
          heard.push('first');
          outside.add(ticked.subscribe((event) => heard.push(event)));
        });
      }
    }
    const app = await startApplication(Listener);
    ticked.dispatch('1');
    await app.stop();
    ticked.dispatch('2');
    expect(heard).toEqual(['first', '2']);
    expect((await shared.next()).value).toBe('1');
    await shared.return();
    outside.unsubscribe();
    expect(ticked.observed).toBe(false);
  });
});

describe('a failing subscriber', () => {
  class Feed {
    readonly told = new Signal<string>();
  }
  class Feeds extends Component {
    @provides(Feed) feed(): Feed {
      return new Feed();
    }
  }

  test('an error is reported with signal, owner and stack, and the sender and other subscribers continue', async () => {
    const errors: unknown[] = [];
    const heard: string[] = [];
    class Listener extends Component {
      override start(@inject(Feed, 'news') { told }: Feed): void {
        told.subscribe(function keepRecord() {
          throw new Error('disk full');
        });
        merge(told).subscribe((event) => heard.push(event));
      }
    }
    @component({ components: { 'feeds/news': Feeds, listener: Listener } })
    class App extends Component {}
    await using app = await startApplication(App, { onError: (error) => errors.push(error) });
    expect(app.context.getResourceSync(Feed, 'news').told.dispatch('event')).toBeUndefined();
    expect(heard).toEqual(['event']);
    expect(errors).toHaveLength(1);
    const [error] = errors as [SubscriberError];
    expect(error).toBeInstanceOf(SubscriberError);
    expect(error).toMatchObject({ signal: 'told', owner: 'Feed "news"', subscriber: 'keepRecord' });
    expect((error.cause as Error).stack).toMatch(/disk full\n +at .*keepRecord \(.*subscriptions\.test\.ts:/);
    expect(error.message).toMatchInlineSnapshot(`
      "Subscriber \`keepRecord\` of Feed "news".told failed: Error: disk full
        code         ERR_SUBSCRIBER"
    `);
  });
});
