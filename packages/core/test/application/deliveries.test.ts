import { Deferred, errorOf, failureOf, settled, summaryOf } from '@asphalt/test-support';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Application,
  component,
  Component,
  inject,
  on,
  onAll,
  provides,
  startApplication,
  token,
  type ComponentClass,
  type Context,
  type OnOptions,
} from '@asphalt/core';
import { Deliveries, type Consumption } from '@asphalt/core/deliveries';
import { DeliveryReturnedError, HandlerError, TeardownError } from '@asphalt/core/errors';
import { planApplication } from '@asphalt/core/inspect';
import { Journal } from './journal.ts';
import { MemoryQueue } from './memory-queue.ts';

const Mails = token<MemoryQueue<string>>('Mails');
const Transaction = token<string>('Transaction');

/** The parts of an application with one queue, whose handler a test defines. */
interface Setup {
  readonly queue?: MemoryQueue<string>;
  readonly options?: OnOptions<string>;
  /** Handles a mail. */
  readonly send?: (mail: string, context: Context) => unknown;
  /** Called when the transaction of a mail ends; an error is the reason of its rollback. */
  readonly end?: (mail: unknown, error: unknown) => unknown;
  readonly ready?: () => unknown;
  readonly stopTimeout?: number;
}

/** Returns an application whose component `mailer` handles the mails of `queues`, each in a transaction. */
function mailing({ queue = new MemoryQueue(), options, send, end, ready, stopTimeout }: Setup = {}) {
  class Queues extends Component {
    @provides(Mails) mails(): MemoryQueue<string> {
      return queue;
    }
  }
  class Transactions extends Component {
    @provides(Transaction, { scope: 'context' })
    async *transaction(): AsyncGenerator<string, void, unknown> {
      const error = yield 'open';
      await end?.('transaction', error);
    }
  }
  @component(stopTimeout === undefined ? {} : { stopTimeout })
  class Mailer extends Component {
    override async ready(): Promise<void> {
      await ready?.();
    }
    @on(Mails, (mails) => mails, options)
    async send(mail: string, @inject(Transaction) transaction: string, context: Context): Promise<void> {
      expect(transaction).toBe('open');
      await send?.(mail, context);
    }
  }
  @component({ components: { queues: Queues, transactions: Transactions, mailer: Mailer } })
  class App extends Component {}
  return { App, queue };
}

const never = new Promise<void>(() => undefined);

function rejected(error: unknown): Promise<never> {
  return Promise.reject(error as Error);
}

/** Fakes the timers of the following tests, so that time limits pass only when a test advances the clock. */
function fakeTimers(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

describe('the states of a consumption', () => {
  fakeTimers();

  /** Brings a handler of one mail at a time into a state. */
  async function handlerIn(state: 'idle' | 'busy' | 'stopping' | 'stopped' | 'abandoned') {
    const gate = new Deferred();
    const handled: string[] = [];
    const { App, queue } = mailing({
      send: async (mail) => {
        handled.push(mail);
        if (mail === 'slow') await gate.promise;
      },
    });
    const errors: unknown[] = [];
    const app = await startApplication(App, { onError: (error) => errors.push(error), stopTimeout: 100 });
    const consumer = queue.consumer!;
    if (state !== 'idle') queue.send('slow');
    if (state === 'stopped') gate.resolve();
    const isStopped = state !== 'idle' && state !== 'busy';
    const stopped = isStopped ? Promise.allSettled([app.stop()]) : undefined;
    await settled();
    if (state === 'abandoned') await vi.advanceTimersByTimeAsync(100);
    if (state === 'stopped' || state === 'abandoned') await stopped;
    const end = async (): Promise<void> => {
      gate.resolve();
      await (stopped ?? app.stop());
    };
    return { queue, consumer, handled, errors, end };
  }

  test.each([
    ['idle', 'handles the event'],
    ['busy', '`send()` of component `mailer` (Mailer) returned a delivery: its source exceeded the concurrency of 1'],
    [
      'stopping',
      '`send()` of component `mailer` (Mailer) returned a delivery: its source exceeded the concurrency of 1',
    ],
    ['stopped', '`send()` of component `mailer` (Mailer) returned a delivery: it has stopped'],
    ['abandoned', '`send()` of component `mailer` (Mailer) returned a delivery: it has stopped'],
  ] as const)('handle() of a handler that is %s results in: %s', async (state, result) => {
    const { consumer, handled, end } = await handlerIn(state);
    const outcome = consumer.handle('mail').then(
      () => 'handles the event',
      (error: DeliveryReturnedError) => error.summary,
    );
    expect(await outcome).toBe(result);
    expect(handled.includes('mail')).toBe(state === 'idle');
    await end();
  });

  test.each(['idle', 'busy', 'stopping', 'stopped', 'abandoned'] as const)(
    'failed() of a handler that is %s reports the error once',
    async (state) => {
      const { consumer, errors, end } = await handlerIn(state);
      consumer.failed(new Error('no attempts left'), 'mail');
      await end();
      expect(errors.filter((error) => error instanceof HandlerError)).toMatchObject([
        { cause: { message: 'no attempts left' } },
      ]);
    },
  );

  test.each([
    ['idle', '`other` cannot consume deliveries that `mailer.send` consumes'],
    ['busy', '`other` cannot consume deliveries that `mailer.send` consumes'],
    ['stopping', '`other` cannot consume deliveries: `mailer.send` is still stopping'],
    ['stopped', undefined],
    ['abandoned', undefined],
  ] as const)('consume() of a source whose handler is %s results in: %s', async (state, refusal) => {
    const { queue, consumer, end } = await handlerIn(state);
    expect(await summaryOf(() => queue.consume({ ...consumer, name: 'other' }))).toBe(refusal);
    await end();
  });
});

describe('a delivery', () => {
  test('is acknowledged after its context has closed', async () => {
    const journal = new Journal();
    const contexts: Context[] = [];
    const { App, queue } = mailing({
      send: (mail, context) => {
        contexts.push(context);
        journal.push(`send ${mail}`);
      },
      end: (_, error) => void journal.push(error === undefined ? 'commit' : 'rollback'),
    });
    queue.acknowledge = (mail) => void journal.push(`acknowledge ${mail}, context ${contexts.at(-1)!.state}`);
    await using _ = await startApplication(App);
    queue.send('a', 'b');
    await settled();
    expect(journal).toEqual([
      'send a',
      'commit',
      'acknowledge a, context closed',
      'send b',
      'commit',
      'acknowledge b, context closed',
    ]);
    expect(contexts.map(({ name }) => name)).toEqual(['mailer.send', 'mailer.send']);
  });

  test('comes again after a failure, and the source decides when it is final', async () => {
    const journal = new Journal();
    const { App, queue } = mailing({
      queue: new MemoryQueue(2),
      send: (mail) => {
        journal.push(`send ${mail}`);
        throw new Error(`cannot send ${mail}`);
      },
      end: (_, error) => void journal.push(error === undefined ? 'commit' : 'rollback'),
    });
    const errors: unknown[] = [];
    const app = await startApplication(App, { onError: (error) => errors.push(error) });
    queue.send('a');
    await settled();
    expect(journal).toEqual(['send a', 'rollback', 'send a', 'rollback']);
    expect(queue).toMatchObject({ acknowledged: [], dead: ['a'] });
    expect(errors).toHaveLength(1);
    expect((errors[0] as Error).message).toMatchInlineSnapshot(`
      "\`send()\` of component \`mailer\` (Mailer) failed to handle an event: Error: cannot send a
        code         ERR_HANDLER"
    `);
    await app.stop();
  });

  test('is not acknowledged if a teardown of its context fails', async () => {
    const { App, queue } = mailing({ end: () => rejected(new Error('the commit failed')) });
    const errors: unknown[] = [];
    await using _ = await startApplication(App, { onError: (error) => errors.push(error) });
    queue.send('a');
    await settled();
    expect(queue).toMatchObject({ acknowledged: [], dead: ['a'] });
    expect(errors).toMatchObject([{ code: 'ERR_HANDLER', cause: { errors: [{ message: 'the commit failed' }] } }]);
    expect((errors[0] as Error).cause).toBeInstanceOf(TeardownError);
  });

  test('reports its final failure to the `onError` of the handler instead of the application', async () => {
    const failures: unknown[] = [];
    const { App, queue } = mailing({
      send: () => rejected(new Error('no server')),
      options: { onError: (error, mail) => failures.push([(error as Error).message, mail]) },
    });
    await using _ = await startApplication(App);
    queue.send('a');
    await settled();
    expect(failures).toEqual([['no server', 'a']]);
  });

  test('reports its failure and that of the `onError` of the handler to the application', async () => {
    const { App, queue } = mailing({
      send: () => rejected(new Error('no server')),
      options: { onError: () => rejected(new Error('no log')) },
    });
    const errors: unknown[] = [];
    await using _ = await startApplication(App, { onError: (error) => errors.push(error) });
    queue.send('a');
    await settled();
    expect(errors).toMatchObject([{ cause: { message: 'no server' } }, { cause: { message: 'no log' } }]);
  });

  test('waits at its source while as many as `concurrency` are handled', async () => {
    const gates = new Map<string, Deferred>();
    const { App, queue } = mailing({
      options: { concurrency: 2 },
      send: (mail) => gates.set(mail, new Deferred()).get(mail)!.promise,
    });
    await using _ = await startApplication(App);
    queue.send('1', '2', '3');
    await settled();
    expect([...gates.keys()]).toEqual(['1', '2']);
    expect(queue.waiting).toHaveLength(1);
    gates.get('2')!.resolve();
    await settled();
    expect([...gates.keys()]).toEqual(['1', '2', '3']);
    for (const gate of gates.values()) gate.resolve();
  });
});

describe('a source', () => {
  test('delivers after the `ready` hook of the component, and never if that fails', async () => {
    const journal = new Journal();
    const gate = new Deferred();
    const { App, queue } = mailing({ send: (mail) => void journal.push(mail), ready: () => gate.promise });
    queue.send('a');
    const app = new Application(await planApplication(App));
    const start = app.start();
    await settled();
    expect(queue.consumer).toBeUndefined();
    gate.resolve();
    await start;
    await app.stop();
    expect(journal).toEqual(['a']);

    const broken = mailing({ ready: () => rejected(new Error('not ready')) });
    broken.queue.send('a');
    await errorOf(startApplication(broken.App));
    expect(broken.queue.waiting).toMatchObject([{ event: 'a' }]);
    expect(broken.queue.consumer).toBeUndefined();
  });

  test('does not deliver if the start is aborted before the `ready` hook has ended', async () => {
    const gate = new Deferred();
    const { App, queue } = mailing({ ready: () => gate.promise });
    queue.send('a');
    const app = new Application(await planApplication(App));
    const start = failureOf(app.start());
    await settled();
    const stop = app.stop();
    gate.resolve();
    await Promise.all([start, stop]);
    expect(queue.waiting).toMatchObject([{ event: 'a' }]);
    expect(queue.consumer).toBeUndefined();
  });

  test('knows the path of the handler and its concurrency', async () => {
    const { App, queue } = mailing({ options: { concurrency: 8 } });
    await using _ = await startApplication(App);
    expect(queue.consumer).toMatchObject({ name: 'mailer.send', concurrency: 8 });
  });

  test('serves one handler of @onAll for each resource', async () => {
    const seen: string[] = [];
    const queues = { a: new MemoryQueue<string>(), b: new MemoryQueue<string>() };
    class App extends Component {
      @provides(Mails, { name: 'a' }) a(): MemoryQueue<string> {
        return queues.a;
      }
      @provides(Mails, { name: 'b' }) b(): MemoryQueue<string> {
        return queues.b;
      }
      @onAll(Mails, (mails) => mails)
      send(mail: string): void {
        seen.push(mail);
      }
    }
    await using app = await startApplication(App);
    queues.a.send('from a');
    queues.b.send('from b');
    await app.stop();
    expect(seen).toEqual(['from a', 'from b']);
  });

  test('of another installed copy of the package is recognized', async () => {
    const seen: unknown[] = [];
    const foreign = {
      [Symbol.for('@asphalt/core/deliveries')]: true,
      consume: ({ handle }: { handle: (event: string) => Promise<void> }): Consumption => {
        void handle('a');
        return { stop: () => Promise.resolve() };
      },
    } as unknown as Deliveries<string>;
    const Foreign = token<Deliveries<string>>('Foreign');
    class App extends Component {
      @provides(Foreign) foreign(): Deliveries<string> {
        return foreign;
      }
      @on(Foreign, (events) => events)
      receive(event: string): void {
        seen.push(event);
      }
    }
    await using app = await startApplication(App);
    await app.stop();
    expect(seen).toEqual(['a']);
  });
});

describe('a start fails', () => {
  test('if the source refuses to start', async () => {
    class Broken extends MemoryQueue<string> {
      protected override start(): never {
        throw new Error('the channel is closed');
      }
    }
    const { App, queue } = mailing({ queue: new Broken() });
    expect((await errorOf(startApplication(App))).message).toMatchInlineSnapshot(`
      "Component \`mailer\` (Mailer) failed to start: Error: the channel is closed
        called in    consume() for send() of component \`mailer\` (Mailer)
        path         App › mailer (Mailer)
        code         ERR_COMPONENT_START"
    `);
    // The failed attempt leaves no consumer.
    expect((await errorOf(startApplication(App))).cause).toMatchObject({ message: 'the channel is closed' });
    expect(queue.consumer).toBeUndefined();
  });

  test.each([
    [{ capacity: 5 }, ['capacity']],
    [{ overflow: 'unbounded' as const }, ['overflow']],
    [{ capacity: 5, overflow: 'latest' as const }, ['capacity', 'overflow']],
  ])('if the handler has the options %o of a queue in memory', async (options, names) => {
    const { App } = mailing({ options });
    expect((await errorOf(startApplication(App))).cause).toMatchObject({
      code: 'ERR_DELIVERY_OPTIONS',
      options: names,
    });
  });

  test('with a message that names the options of a queue in memory', async () => {
    const { App } = mailing({ options: { capacity: 5, overflow: 'latest' } });
    const { message } = await errorOf(startApplication(App));
    expect(message.replace(/deliveries\.test\.ts:\d+/, 'mailer.ts:7')).toMatchInlineSnapshot(`
      "\`send()\` handles deliveries, which take no \`capacity\` and no \`overflow\`
        called in    send() of component \`mailer\` (Mailer)
        path         App › mailer (Mailer)
        declared at  packages/core/test/application/mailer.ts:7
        note         events wait at their source, and only as many as \`concurrency\` are fetched
        cause        ERR_DELIVERY_OPTIONS
        help         remove \`capacity\` and \`overflow\`, and set \`concurrency\`
        code         ERR_COMPONENT_START"
    `);
  });

  test('if two handlers consume one source', async () => {
    const queue = new MemoryQueue<string>();
    class App extends Component {
      @provides(Mails) mails(): MemoryQueue<string> {
        return queue;
      }
      @on(Mails, (mails) => mails) send(_mail: string): void {}
      @on(Mails, (mails) => mails) archive(_mail: string): void {}
    }
    expect((await errorOf(startApplication(App))).message).toMatchInlineSnapshot(`
      "\`App.archive\` cannot consume deliveries that \`App.send\` consumes
        called in    consume() for archive() of the root component (App)
        note         a source has one consumer, because each event goes to one handler only
        cause        ERR_DELIVERY_CONSUMER
        help         handle the events in one method, and call the other one from it
        code         ERR_COMPONENT_START"
    `);
    expect(queue.consumer).toBeUndefined();
  });
});

describe('a stop', () => {
  test('ends the deliveries when the component leaves `ready`, and waits for acknowledgements', async () => {
    const journal = new Journal();
    const handling = new Deferred();
    const acknowledging = new Deferred();
    class Queues extends Component {
      @provides(Mails)
      async *mails(): AsyncGenerator<MemoryQueue<string>, void, unknown> {
        yield queue;
        journal.push('client closed');
      }
    }
    const queue = new MemoryQueue<string>();
    @component({ components: { queues: Queues } })
    class App extends Component {
      override async *ready(): AsyncGenerator<void, void, unknown> {
        yield;
        journal.push(`not ready, ${queue.consumer === undefined ? 'stopped' : 'delivering'}`);
      }
      @on(Mails, (mails) => mails)
      async send(mail: string): Promise<void> {
        await handling.promise;
        journal.push(`sent ${mail}`);
      }
    }
    queue.acknowledge = async (mail) => {
      await acknowledging.promise;
      journal.push(`acknowledged ${mail}`);
    };
    const app = await startApplication(App);
    queue.send('a', 'b');
    const stopped = app.stop();
    await settled();
    expect(journal.take()).toEqual(['not ready, stopped']);
    handling.resolve();
    await settled();
    expect(journal.take()).toEqual(['sent a']);
    acknowledging.resolve();
    await stopped;
    expect(journal).toEqual(['acknowledged a', 'client closed']);
    expect(queue.waiting).toHaveLength(1);
  });

  test('still handles events that the source passes while it stops', async () => {
    class Slow extends MemoryQueue<string> {
      protected override async stop(): Promise<void> {
        const consumer = this.consumer!;
        await super.stop();
        await consumer.handle('fetched');
      }
    }
    const handled: string[] = [];
    const { App } = mailing({ queue: new Slow(), send: (mail) => handled.push(mail) });
    const app = await startApplication(App);
    await app.stop();
    expect(handled).toEqual(['fetched']);
  });

  test('waits for handlers and for `onError` even if the source does not', async () => {
    class Hasty extends MemoryQueue<string> {
      protected override stop(): Promise<void> {
        void super.stop();
        return Promise.resolve();
      }
    }
    const journal = new Journal();
    const gates = [new Deferred(), new Deferred()] as const;
    const { App, queue } = mailing({
      queue: new Hasty(),
      send: async () => {
        await gates[0].promise;
        throw new Error('no server');
      },
      options: {
        onError: async () => {
          await gates[1].promise;
          journal.push('logged');
        },
      },
    });
    const app = await startApplication(App);
    queue.send('a');
    const stopped = app.stop().then(() => journal.push('stopped'));
    await settled();
    gates[0].resolve();
    await settled();
    expect(journal).toEqual([]);
    gates[1].resolve();
    await stopped;
    expect(journal).toEqual(['logged', 'stopped']);
  });

  test('reports that the source failed to stop', async () => {
    class Broken extends MemoryQueue<string> {
      protected override stop(): Promise<void> {
        return rejected(new Error('the channel is closed'));
      }
    }
    const { App } = mailing({ queue: new Broken() });
    const app = await startApplication(App);
    const error = await errorOf(app.stop());
    expect(error).toMatchObject({ errors: [{ component: 'component `mailer` (Mailer)' }] });
    expect(error.message).toMatchInlineSnapshot(`
      "1 failure while the application stopped
        1. component \`mailer\` (Mailer): Error: the channel is closed
        code         ERR_STOP"
    `);
  });
});

describe('at the limit of a stop', () => {
  fakeTimers();

  /** Starts an application whose handler of one mail hangs, and stops it up to the limit of 100 ms. */
  async function stopAtLimit(setup: Setup, by: 'application' | 'component') {
    const contexts: Context[] = [];
    const { App, queue } = mailing({
      ...setup,
      ...(by === 'component' && { stopTimeout: 100 }),
      send: (mail, context) => {
        contexts.push(context);
        return (setup.send ?? (() => never))(mail, context);
      },
    });
    const errors: unknown[] = [];
    const app = await startApplication(App as ComponentClass, {
      onError: (error) => errors.push(error),
      ...(by === 'application' && { stopTimeout: 100 }),
    });
    queue.send('a');
    await settled();
    const stopped = errorOf(app.stop());
    await settled();
    await vi.advanceTimersByTimeAsync(100);
    await settled();
    return { queue, context: contexts[0]!, errors, stopped };
  }

  test.each(['application', 'component'] as const)(
    'of the %s, a hanging delivery rolls back and returns to its source',
    async (by) => {
      const ends: unknown[] = [];
      const { queue, context, errors, stopped } = await stopAtLimit({ end: (_, error) => ends.push(error) }, by);
      const error = await stopped;
      expect(error).toMatchObject({ errors: [{ error: { code: 'ERR_STOP_TIMEOUT' } }] });
      expect(error.message).toContain('send()');
      expect(context).toMatchObject({ state: 'closed', abort: { aborted: true } });
      expect(ends).toMatchObject([{ code: 'ERR_DELIVERY_RETURNED', path: 'mailer', member: 'send' }]);
      expect(context.abort.reason).toBe(ends[0]);
      expect((ends[0] as Error).message).toMatchInlineSnapshot(`
        "\`send()\` of component \`mailer\` (Mailer) returned a delivery: its stop exceeded the time limit
          note         the event was not handled; its source delivers it again
          code         ERR_DELIVERY_RETURNED"
      `);
      expect(queue).toMatchObject({ acknowledged: [], dead: [], returned: ['a'] });
      expect(errors).toEqual([]);
    },
  );

  test('a hanging delivery returns even if the limit passes before the runtime waits for it', async () => {
    const queue = new MemoryQueue<string>();
    class App extends Component {
      @provides(Mails) mails(): MemoryQueue<string> {
        return queue;
      }
      override async *ready(): AsyncGenerator<void, void, unknown> {
        yield;
        await never;
      }
      @on(Mails, (mails) => mails)
      send(_mail: string): Promise<void> {
        return never;
      }
    }
    const app = await startApplication(App, { stopTimeout: 100 });
    queue.send('a');
    const stopped = errorOf(app.stop());
    await settled();
    await vi.advanceTimersByTimeAsync(100);
    expect((await stopped).message).toContain('ready()');
    expect(queue).toMatchObject({ acknowledged: [], returned: ['a'] });
  });

  test('a delivery whose context is closing is settled by the outcome of the close', async () => {
    const commit = new Deferred();
    const { queue, stopped } = await stopAtLimit({ send: () => undefined, end: () => commit.promise }, 'component');
    expect(queue).toMatchObject({ acknowledged: [], returned: [] });
    commit.resolve();
    await stopped;
    expect(queue).toMatchObject({ acknowledged: ['a'], returned: [] });
  });

  test('a delivery that failed synchronously waits for its rollback without a rejection that no code handles', async () => {
    const rollback = new Deferred();
    const queue = new MemoryQueue<string>();
    class App extends Component {
      @provides(Mails) mails(): MemoryQueue<string> {
        return queue;
      }
      @on(Mails, (mails) => mails, { onError: () => undefined })
      send(_mail: string, context: Context): void {
        context.onTeardown(() => rollback.promise);
        throw new Error('no server');
      }
    }
    const app = await startApplication(App, { stopTimeout: 100 });
    queue.send('a');
    const stopped = errorOf(app.stop());
    await settled();
    await vi.advanceTimersByTimeAsync(100);
    await settled();
    rollback.resolve();
    await stopped;
    expect(queue).toMatchObject({ acknowledged: [], dead: ['a'], returned: [] });
  });

  test('a delivery whose rollback fails still returns to its source, and the failure is reported', async () => {
    const { queue, errors, stopped } = await stopAtLimit(
      { end: () => rejected(new Error('no rollback')) },
      'component',
    );
    await stopped;
    expect(queue).toMatchObject({ acknowledged: [], dead: [], returned: ['a'] });
    expect(errors).toMatchObject([{ code: 'ERR_HANDLER', cause: { errors: [{ message: 'no rollback' }] } }]);
  });

  test('a source that does not return its deliveries is abandoned after a second', async () => {
    class Hanging extends MemoryQueue<string> {
      protected override stop(): Promise<void> {
        return never;
      }
    }
    const { queue, stopped } = await stopAtLimit({ queue: new Hanging(), send: () => undefined }, 'component');
    expect(await summaryOf(() => queue.consumer!.handle('late'))).toMatch(/returned a delivery: it has stopped$/);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await stopped).message).toMatchInlineSnapshot(`
      "1 failure while the application stopped
        1. component \`mailer\` (Mailer): Component \`mailer\` (Mailer) did not stop within 0.1 s and was abandoned
             hanging      send()
             help         find out why these components do not finish, or raise the limit: stopTimeout (0 means no limit)
             code         ERR_STOP_TIMEOUT
        code         ERR_STOP"
    `);
  });
});

describe('a restart', () => {
  fakeTimers();

  test('of the component with the handler consumes again', async () => {
    const seen: string[] = [];
    const { App, queue } = mailing({ send: (mail) => seen.push(mail) });
    await using app = await startApplication(App);
    queue.send('a');
    await settled();
    const first = queue.consumer;
    await app.restart('mailer');
    expect(queue.consumer).not.toBe(first);
    queue.send('b');
    await settled();
    expect(seen).toEqual(['a', 'b']);
  });

  test('of the component with the source restarts the handler with the new source', async () => {
    const queues: Array<MemoryQueue<string>> = [];
    const seen: string[] = [];
    class Queues extends Component {
      @provides(Mails) mails(): MemoryQueue<string> {
        const queue = new MemoryQueue<string>();
        queues.push(queue);
        return queue;
      }
    }
    class Mailer extends Component {
      @on(Mails, (mails) => mails) send(mail: string): void {
        seen.push(mail);
      }
    }
    @component({ components: { queues: Queues, mailer: Mailer } })
    class App extends Component {}
    await using app = await startApplication(App);
    await app.restart('queues');
    expect(queues.map(({ consumer }) => consumer !== undefined)).toEqual([false, true]);
    queues[1]!.send('a');
    await settled();
    expect(seen).toEqual(['a']);
  });

  test('fails while the source has not stopped', async () => {
    const gate = new Deferred();
    class Slow extends MemoryQueue<string> {
      protected override stop(): Promise<void> {
        return gate.promise;
      }
    }
    const { App } = mailing({ queue: new Slow(), stopTimeout: 100 });
    const app = await startApplication(App, { onError: () => undefined });
    const restarted = errorOf(app.restart('mailer'));
    await settled();
    await vi.advanceTimersByTimeAsync(1100);
    expect((await restarted).message).toMatchInlineSnapshot(`
      "\`mailer.send\` cannot consume deliveries: \`mailer.send\` is still stopping
        called in    consume() for send() of component \`mailer\` (Mailer)
        path         App › mailer (Mailer)
        note         a source has one consumer, because each event goes to one handler only
        cause        ERR_DELIVERY_CONSUMER
        help         find out why stop() of the source does not finish
        code         ERR_COMPONENT_START"
    `);
    gate.resolve();
    await settled();
    await app.startComponent('mailer');
    await app.stop();
  });

  test('of a component whose handler hangs consumes again, and the delivery returns', async () => {
    const seen: string[] = [];
    const { App, queue } = mailing({
      stopTimeout: 100,
      send: (mail) => (seen.push(mail) === 1 ? never : undefined),
    });
    const errors: unknown[] = [];
    const app = await startApplication(App, { onError: (error) => errors.push(error) });
    queue.send('a');
    await settled();
    const restarted = app.restart('mailer');
    await settled();
    await vi.advanceTimersByTimeAsync(100);
    await restarted;
    expect(errors).toMatchObject([{ code: 'ERR_STOP' }]);
    expect(queue.returned).toEqual(['a']);
    queue.send('b');
    await settled();
    expect(queue.acknowledged).toEqual(['b']);
    await app.stop();
  });
});
