import { Deferred, settled, warningsOf } from '@asphalt/test-support';
import { debounceTime, endWith, map, Observable, reduce, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import {
  component,
  Component,
  inject,
  on,
  onAll,
  provides,
  Signal,
  startApplication,
  task,
  token,
  type Context,
  type OnOptions,
} from '@asphalt/core';
import { HandlerError } from '@asphalt/core/errors';
import { Journal } from './journal.ts';

class Feed {
  readonly told = new Signal<string>();
}

class Feeds extends Component {
  @provides(Feed) feed(): Feed {
    return new Feed();
  }
}

const Session = token<string>('Session');

describe('@on', () => {
  test('a handler handles one event at a time, in order', async () => {
    const journal = new Journal();
    const gates: Deferred[] = [];
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(Feed, (feed) => feed.told)
      async hear(event: string): Promise<void> {
        journal.push(`${event} starts`);
        await gates[gates.push(new Deferred()) - 1]!.promise;
        journal.push(`${event} ends`);
      }
    }
    await using app = await startApplication(App);
    const { told } = app.context.getResourceSync(Feed);
    told.dispatch('1');
    told.dispatch('2');
    await settled();
    expect(journal.take()).toEqual(['1 starts']);
    gates[0]!.resolve();
    await settled();
    expect(journal.take()).toEqual(['1 ends', '2 starts']);
    gates[1]!.resolve();
    await settled();
    expect(journal.take()).toEqual(['2 ends']);
  });

  test('a handler handles up to `concurrency` events at a time', async () => {
    const journal = new Journal();
    const gates = new Map<string, Deferred>();
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(Feed, (feed) => feed.told, { concurrency: 2 })
      async hear(event: string): Promise<void> {
        const gate = new Deferred();
        gates.set(event, gate);
        journal.push(event);
        await gate.promise;
      }
    }
    await using app = await startApplication(App);
    const { told } = app.context.getResourceSync(Feed);
    for (const event of ['1', '2', '3', '4']) told.dispatch(event);
    await settled();
    expect(journal).toEqual(['1', '2']);
    gates.get('2')!.resolve();
    await settled();
    expect(journal).toEqual(['1', '2', '3']);
    for (const event of ['1', '3']) gates.get(event)!.resolve();
    await settled();
    expect(journal).toEqual(['1', '2', '3', '4']);
    gates.get('4')!.resolve();
  });

  test('each event has its own context, which resolves the needs and closes after the event', async () => {
    const journal = new Journal();
    const contexts = new Set<Context>();
    class Sessions extends Component {
      #made = 0;
      @provides(Session, { scope: 'context' })
      async *session(context: Context): AsyncGenerator<string, void, unknown> {
        const session = `session ${++this.#made} of ${context.name}`;
        const error = yield session;
        journal.push(`${session} ended${error instanceof Error ? ` by ${error.message}` : ''}`);
      }
    }
    class Listener extends Component {
      @on(Feed, (feed) => feed.told)
      hear(event: string, @inject(Session) session: string, context: Context, @inject(Session) again: string): void {
        contexts.add(context);
        journal.push(`${event} in ${session}`);
        expect(again).toBe(session);
        if (event === 'bad') throw new Error('cannot hear');
      }
    }
    @component({ components: { feeds: Feeds, sessions: Sessions, listener: Listener } })
    class App extends Component {}
    const errors: unknown[] = [];
    const app = await startApplication(App, { onError: (error) => errors.push(error) });
    const { told } = app.context.getResourceSync(Feed);
    told.dispatch('good');
    told.dispatch('bad');
    told.dispatch('fine');
    await app.stop();
    expect(journal).toEqual([
      'good in session 1 of listener.hear',
      'session 1 of listener.hear ended',
      'bad in session 2 of listener.hear',
      'session 2 of listener.hear ended by cannot hear',
      'fine in session 3 of listener.hear',
      'session 3 of listener.hear ended',
    ]);
    expect(contexts.size).toBe(3);
    expect([...contexts].every(({ state }) => state === 'closed')).toBe(true);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(HandlerError);
    expect((errors[0] as Error).message).toMatchInlineSnapshot(`
      "\`hear()\` of component \`listener\` (Listener) failed to handle an event: Error: cannot hear
        code         ERR_HANDLER"
    `);
  });

  test('an error in a handler is logged by default, and later events are handled', async () => {
    const lines: string[] = [];
    const ignore = (): undefined => undefined;
    const logger = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (line: string) => void lines.push(line),
      child: () => logger,
    };
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(Feed, (feed) => feed.told)
      hear(event: string): void {
        if (event === 'bad') throw new Error('cannot hear');
        lines.push(event);
      }
    }
    const app = await startApplication(App, { logger });
    const { told } = app.context.getResourceSync(Feed);
    told.dispatch('bad');
    told.dispatch('good');
    await app.stop();
    expect(lines).toEqual([expect.stringContaining('failed to handle an event: Error: cannot hear'), 'good']);
  });

  test('the error of an Observable is reported and does not end the application', async () => {
    const errors: unknown[] = [];
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(Feed, () => throwError(() => new Error('no more')))
      hear(): void {}
    }
    const app = await startApplication(App, { onError: (error) => errors.push(error) });
    expect(errors).toMatchObject([{ code: 'ERR_HANDLER', cause: { message: 'no more' } }]);
    await app.stop();
  });

  test('a handler can subscribe to any Observable and unsubscribes at the stop', async () => {
    let active = 0;
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(
        Feed,
        () =>
          new Observable<number>((subscriber) => {
            active++;
            subscriber.next(1);
            return () => void active--;
          }),
      )
      hear(_event: number): void {}
    }
    const app = await startApplication(App);
    expect(active).toBe(1);
    await app.stop();
    expect(active).toBe(0);
  });

  test('events that operators hold back are handled when the application stops', async () => {
    const heard: string[] = [];
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(Feed, (feed) => feed.told.pipe(debounceTime(1_000_000)))
      async late(event: string, context: Context): Promise<void> {
        await settled();
        heard.push(`${event}, ${context.state}`);
      }
      @on(Feed, (feed) =>
        feed.told.pipe(
          map(Number),
          reduce((sum, value) => sum + value, 0),
        ),
      )
      sum(event: number): void {
        heard.push(`sum ${event}`);
      }
    }
    const app = await startApplication(App);
    const { told } = app.context.getResourceSync(Feed);
    told.dispatch('1');
    told.dispatch('2');
    await settled();
    expect(heard).toEqual([]);
    await app.stop();
    expect(heard.sort()).toEqual(['2, open', 'sum 3']);
  });

  test('a handler receives events that ready() or a task of another component dispatches', async () => {
    const heard: string[] = [];
    class Eager extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      override ready(@inject(Feed) feed: Feed): void {
        feed.told.dispatch('ready');
      }
      @task() work(_abort: AbortSignal, @inject(Feed) feed: Feed): void {
        feed.told.dispatch('task');
      }
    }
    class Late extends Component {
      @on(Feed, (feed) => feed.told)
      hear(event: string): void {
        heard.push(event);
      }
      override async ready(): Promise<void> {
        await settled();
      }
    }
    @component({ components: { eager: Eager, late: Late } })
    class App extends Component {}
    await using _ = await startApplication(App);
    expect(heard).toEqual(['ready', 'task']);
  });
});

describe('@on with capacity and overflow', () => {
  /** Dispatches events 1 to 5 synchronously to a slow handler, then event 6, and returns the handled events. */
  async function heardOf(
    options: OnOptions<string>,
  ): Promise<{ heard: string[]; errors: unknown[]; warnings: string[] }> {
    const heard: string[] = [];
    const errors: unknown[] = [];
    const gate = new Deferred();
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(Feed, (feed) => feed.told, options)
      async hear(event: string): Promise<void> {
        heard.push(event);
        await gate.promise;
      }
    }
    const app = await startApplication(App, { onError: (error) => errors.push(error) });
    const { told } = app.context.getResourceSync(Feed);
    const warnings = await warningsOf(() => ['1', '2', '3', '4', '5'].forEach((event) => told.dispatch(event)));
    gate.resolve();
    await settled();
    told.dispatch('6');
    await app.stop();
    return { heard, errors, warnings: warnings.map(({ message }) => message) };
  }

  const newest = 'The handler App.hear is full (2 waiting); further events are dropped for this consumer';

  test.each<[OnOptions<string>, string, readonly string[]]>([
    [{}, '123456', []],
    [{ overflow: 'unbounded', capacity: 2 }, '123456', []],
    [{ capacity: 2 }, '1236', [newest]],
    [{ capacity: 2, overflow: 'drop-newest' }, '1236', [newest]],
    [{ capacity: 2, overflow: 'drop-oldest' }, '1456', []],
    [{ overflow: 'latest' }, '156', []],
    [{ capacity: 2, overflow: 'latest', concurrency: 2 }, '1256', []],
  ])('a handler with the options %j handles the events %s', async (options, handled, warned) => {
    const { heard, errors, warnings } = await heardOf(options);
    expect([heard.join(''), errors, warnings]).toEqual([handled, [], warned]);
  });

  test("with 'error', an overflow ends the handler with a report, and queued events are handled", async () => {
    const { heard, errors } = await heardOf({ capacity: 2, overflow: 'error' });
    expect(heard.join('')).toBe('123');
    expect(errors).toMatchObject([{ code: 'ERR_HANDLER', cause: { code: 'ERR_STREAM_OVERFLOW', capacity: 2 } }]);
  });

  test("with 'error', an overflow during the subscription ends the handler, too", async () => {
    const errors: unknown[] = [];
    const heard: number[] = [];
    let subscribed = false;
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(
        Feed,
        () =>
          new Observable<number>((subscriber) => {
            subscribed = true;
            [1, 2, 3, 4].forEach((event) => subscriber.next(event));
            return () => (subscribed = false);
          }),
        { capacity: 1, overflow: 'error' },
      )
      async hear(event: number): Promise<void> {
        heard.push(event);
        await settled();
      }
    }
    const app = await startApplication(App, { onError: (error) => errors.push(error) });
    expect([subscribed, errors.length]).toEqual([false, 1]);
    await app.stop();
    expect(heard).toEqual([1, 2]);
  });
});

describe('@on with its own onError', () => {
  async function failing(onError: (error: unknown, event: string) => unknown): Promise<unknown[]> {
    const errors: unknown[] = [];
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(Feed, (feed) => feed.told.pipe(endWith('end')), { onError })
      hear(event: string): void {
        if (event !== 'good') throw new Error(`cannot hear ${event}`);
      }
    }
    const app = await startApplication(App, { onError: (error) => errors.push(error) });
    for (const event of ['good', 'bad']) app.context.getResourceSync(Feed).told.dispatch(event);
    await app.stop();
    return errors;
  }

  test('onError receives each error with its event, and a stop waits for it', async () => {
    const failures: unknown[] = [];
    const errors = await failing(async (error, event) => {
      await settled();
      failures.push([(error as Error).message, event]);
    });
    expect([failures, errors]).toEqual([
      [
        ['cannot hear bad', 'bad'],
        ['cannot hear end', 'end'],
      ],
      [],
    ]);
  });

  test('errors thrown by onError are reported to the application after the errors of the events', async () => {
    const errors = await failing((_, event) => {
      if (event === 'end') throw new Error('onError threw');
      return Promise.reject(new Error('onError rejected'));
    });
    expect(errors.map((error) => ((error as Error).cause as Error).message)).toEqual([
      'cannot hear bad',
      'onError rejected',
      'cannot hear end',
      'onError threw',
    ]);
  });

  test('an onError function that throws the error of the event again causes one report', async () => {
    const errors = await failing((error, event) => {
      throw event === 'end' ? error : new Error('again', { cause: error });
    });
    expect(errors).toMatchObject([{ cause: { message: 'again' } }, { cause: { message: 'cannot hear end' } }]);
  });

  test('the error of the Observable itself is reported to the application, not to onError', async () => {
    const errors: unknown[] = [];
    let asked = 0;
    @component({ components: { feeds: Feeds } })
    class App extends Component {
      @on(Feed, () => throwError(() => new Error('no more')), { onError: () => asked++ })
      hear(): void {}
    }
    await using _ = await startApplication(App, { onError: (error) => errors.push(error) });
    expect([asked, errors]).toMatchObject([0, [{ cause: { message: 'no more' } }]]);
  });
});

describe('@onAll', () => {
  test('@onAll handles the signal of every resource with the identifier and passes the resource name', async () => {
    const heard: string[] = [];
    @component({ components: { feeds: Feeds, 'feeds/news': Feeds, 'feeds/sport': Feeds } })
    class App extends Component {
      @onAll(Feed, (feed, name) => feed.told.pipe(map((event) => `${name}: ${event}`)))
      hear(event: string): void {
        heard.push(event);
      }
    }
    const app = await startApplication(App);
    for (const [name, { told }] of app.context.getResources(Feed)) told.dispatch(`from ${name}`);
    await app.stop();
    expect(heard.sort()).toEqual(['default: from default', 'news: from news', 'sport: from sport']);
  });

  test('@onAll includes resources that were published explicitly', async () => {
    const heard: string[] = [];
    class Hand extends Component {
      override start(): void {
        this.context.addResource(Feed, new Feed(), { name: 'hand' });
      }
    }
    @component({ components: { hand: Hand } })
    class App extends Component {
      @onAll(Feed, (feed) => feed.told)
      hear(event: string): void {
        heard.push(event);
      }
    }
    const app = await startApplication(App);
    app.context.getResourceSync(Feed, 'hand').told.dispatch('explicit');
    await app.stop();
    expect(heard).toEqual(['explicit']);
  });
});

describe('handlers at the stop', () => {
  class First {
    readonly told = new Signal<string>();
  }
  class Second {
    readonly told = new Signal<string>();
  }

  test.each(['first', 'last'])(
    'handlers end producers first, so that the last events reach the consumer (the consumer is declared %s)',
    async (where) => {
      const heard: string[] = [];
      class Producer extends Component {
        @provides(First) first(): First {
          return new First();
        }
        @provides(Second) second(): Second {
          return new Second();
        }
        // Held back until the application stops.
        @on(First, (first) => first.told.pipe(debounceTime(1_000_000)))
        async pass(event: string, @inject(Second) second: Second): Promise<void> {
          await settled();
          second.told.dispatch(`${event} passed on`);
        }
      }
      class Consumer extends Component {
        @on(Second, (second) => second.told)
        async hear(event: string): Promise<void> {
          await settled();
          heard.push(event);
        }
      }
      @component({
        components:
          where === 'first' ? { consumer: Consumer, producer: Producer } : { producer: Producer, consumer: Consumer },
      })
      class App extends Component {}
      const app = await startApplication(App);
      app.context.getResourceSync(First).told.dispatch('event');
      await app.stop();
      expect(heard).toEqual(['event passed on']);
    },
  );

  test('events dispatched by a completed handler are handled before the next handler completes', async () => {
    class Third {
      readonly told = new Signal<string>();
    }
    const heard: string[] = [];
    class Sources extends Component {
      @provides(First) first(): First {
        return new First();
      }
      @provides(Second) second(): Second {
        return new Second();
      }
      @provides(Third) third(): Third {
        return new Third();
      }
    }
    class Flushing extends Component {
      @on(First, (first) => first.told.pipe(debounceTime(1_000_000)))
      pass(event: string, @inject(Second) second: Second): void {
        second.told.dispatch(event);
      }
    }
    class Ending extends Component {
      @on(Third, (third) => third.told)
      hear(event: string): void {
        heard.push(event);
      }
    }
    class Passing extends Component {
      @on(Second, (second) => second.told)
      async pass(event: string, @inject(Third) third: Third): Promise<void> {
        await settled();
        third.told.dispatch(event);
      }
    }
    // No need orders the last two.
    @component({ components: { sources: Sources, flushing: Flushing, ending: Ending, passing: Passing } })
    class App extends Component {}
    const app = await startApplication(App);
    app.context.getResourceSync(First).told.dispatch('event');
    await app.stop();
    expect(heard).toEqual(['event']);
  });

  test('handlers that pass events back and forth handle all of them', async () => {
    const heard: string[] = [];
    class Ping extends Component {
      @provides(First) first(): First {
        return new First();
      }
      @on(Second, (second) => second.told)
      async hear(event: string, @inject(First) first: First): Promise<void> {
        await settled();
        heard.push(event);
        if (event.length < 5) first.told.dispatch(`${event}i`);
      }
    }
    class Pong extends Component {
      @provides(Second) second(): Second {
        return new Second();
      }
      @on(First, (first) => first.told)
      async hear(event: string, @inject(Second) second: Second): Promise<void> {
        await settled();
        heard.push(event);
        second.told.dispatch(`${event}o`);
      }
    }
    @component({ components: { ping: Ping, pong: Pong } })
    class App extends Component {}
    const app = await startApplication(App);
    app.context.getResourceSync(First).told.dispatch('p');
    await app.stop();
    expect(heard).toEqual(['p', 'po', 'poi', 'poio', 'poioi', 'poioio']);
  });
});
