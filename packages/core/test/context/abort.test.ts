import { Deferred, failureOf, settled } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { component, Component, Context, on, provides, Signal, startApplication, task, token } from '@asphalt/core';

describe("a context's abort signal", () => {
  test('is always the same object and is not aborted while the context is open', async () => {
    await Context.run((context) => {
      expect(context.abort).toBe(context.abort);
      expect(context.abort.aborted).toBe(false);
    });
  });

  test('aborts with the reason of cancel(), which leaves the context open', async () => {
    await using context = new Context('request');
    const reason = new Error('the client has left');
    const reasons: unknown[] = [];
    context.abort.addEventListener('abort', () => reasons.push(context.abort.reason));
    context.cancel(reason);
    context.cancel(new Error('again'));
    expect(reasons).toEqual([reason]);
    expect(context.state).toBe('open');
    context.addResource(token<string>('Late'), 'late');
  });

  test('aborts with an AbortError that names the context when cancel() has no reason', async () => {
    await using context = new Context('request 7');
    context.cancel();
    expect(context.abort.reason).toMatchObject({ name: 'AbortError', message: 'Context "request 7" was cancelled' });
  });

  test('aborts before the first teardown, with the error that ends the context', async () => {
    const error = new Error('no such page');
    const context = new Context();
    const { abort } = context;
    context.onTeardown(() => expect(abort.reason).toBe(error));
    await context.close(error);
    expect(abort.reason).toBe(error);
  });

  test('aborts with an AbortError that names the context when the context closes without an error', async () => {
    const context = new Context('request 7');
    const { abort } = context;
    await context.close();
    expect(abort.reason).toMatchObject({ name: 'AbortError', message: 'Context "request 7" is closing' });
  });

  test.each<[string, (context: Context) => unknown, reason: unknown]>([
    ['closing', (context) => context.close(), expect.objectContaining({ name: 'AbortError' })],
    ['closing synchronously', (context) => context.closeAtOnce(), expect.objectContaining({ name: 'AbortError' })],
    ['closing with an error', (context) => context.close('broken'), 'broken'],
    ['cancelling', (context) => context.cancel('broken'), 'broken'],
  ])('is already aborted when it is first read after %s', async (_, end, reason) => {
    const context = new Context('request');
    await end(context);
    expect(context.abort.aborted).toBe(true);
    expect(context.abort.reason).toEqual(reason);
    await context.close();
  });

  test('isCancelled is true after the context or an ancestor was cancelled, whether or not a signal was read', async () => {
    const root = new Context();
    const reading = new Context('reading', root);
    expect(reading.abort.aborted).toBe(false);
    const below = new Context('below', reading);
    const sibling = new Context('sibling', root);
    const states = (): boolean[] => [root, reading, below, sibling].map(({ isCancelled }) => isCancelled);
    expect(states()).toEqual([false, false, false, false]);
    reading.cancel();
    expect(states()).toEqual([false, true, true, false]);
    root.cancel();
    expect(states()).toEqual([true, true, true, true]);
  });

  test('isCancelled is false in a context that closes, and in one that a teardown opens while its parent closes', async () => {
    const parent = new Context();
    const states: boolean[] = [];
    parent.onTeardown(async () => {
      const late = new Context('late', parent);
      states.push(parent.abort.aborted, parent.isCancelled);
      parent.cancel();
      states.push(parent.isCancelled, late.isCancelled);
      await late.close();
    });
    await parent.close();
    expect(states).toEqual([true, false, true, false]);
  });

  test('keeps the reason of cancel() when the context then closes with an error', async () => {
    const context = new Context();
    context.cancel('first');
    await context.close(new Error('second'));
    expect(context.abort.reason).toBe('first');
  });

  test('ends a factory that a closing context is waiting for', async () => {
    const Connection = token<string>('Connection');
    const context = new Context();
    context.addResourceFactory(
      Connection,
      (requesting) =>
        new Promise((_, reject) => requesting.abort.addEventListener('abort', () => reject(requesting.abort.reason))),
    );
    const connection = failureOf(() => context.getResource(Connection));
    await context.close('over');
    expect(await connection).toBe('over');
  });
});

describe('a child of a cancelled context', () => {
  test('is aborted with the same reason, like its own children, whether or not its signal was read before', async () => {
    const parent = new Context('parent');
    const read = parent.child();
    const below = parent.child().child();
    const unread = parent.child();
    const { abort } = read;
    const { abort: abortBelow } = below;
    parent.cancel('left');
    expect([abort.reason, abortBelow.reason, unread.abort.reason]).toEqual(['left', 'left', 'left']);
  });

  test('is not aborted when its parent starts to close, so tasks run until their turn in the teardown', async () => {
    const events: string[] = [];
    await Context.run(async (context) => {
      const held = new Deferred();
      context.onTeardown(() => void events.push('torn down'));
      const group = context.startTaskGroup();
      group.startTask(async (abort) => {
        await held.promise;
        events.push(`sent ${abort.aborted}`);
      });
      context.onTeardown(() => held.resolve());
    });
    expect(events).toEqual(['sent false', 'torn down']);
  });

  test('is aborted when a grandparent is cancelled while the parent is closing', async () => {
    const top = new Context('top');
    const middle = top.child('middle');
    const child = middle.child('child');
    const { abort } = child;
    const reasons: unknown[] = [];
    middle.onTeardown(async () => {
      reasons.push(middle.abort.reason, abort.aborted);
      top.cancel('left');
      reasons.push(middle.abort.reason, abort.reason);
      await child.close();
    });
    await middle.close('over');
    expect(reasons).toEqual(['over', false, 'over', 'left']);
    await top.close();
  });

  test('is aborted after its parent, and cancelling it does not abort the parent', async () => {
    await using parent = new Context('parent');
    await using child = parent.child();
    const order: string[] = [];
    child.abort.addEventListener('abort', () => order.push('child'));
    parent.abort.addEventListener('abort', () => order.push('parent'));
    parent.cancel();
    expect(order).toEqual(['parent', 'child']);
    await using other = new Context();
    await using own = other.child();
    own.cancel();
    expect(other.abort.aborted).toBe(false);
  });

  test('is not aborted when a teardown of the cancelled context opens it, so the teardown can finish its work', async () => {
    const seen: boolean[] = [];
    const context = new Context();
    context.onTeardown(() => context.run((saving) => void seen.push(saving.abort.aborted)));
    context.cancel('left');
    await context.close();
    expect(seen).toEqual([false]);
  });

  test('is aborted from the start when it is opened after cancel()', async () => {
    await using context = new Context();
    context.cancel('left');
    await context.run((late) => expect(late.abort.reason).toBe('left'));
  });

  test('is removed from its parent when it closes', async () => {
    await using parent = new Context();
    const closed: boolean[] = [];
    await parent.run((child) => {
      child.abort.addEventListener('abort', () => closed.push(child.state === 'closing'));
    });
    parent.cancel();
    expect(closed).toEqual([true]);
  });
});

describe('the abort signal of a task', () => {
  test("is the signal of the task's own context", async () => {
    await Context.run(async (context) => {
      const own = new Deferred<boolean>();
      context.startServiceTask((abort, mine) => own.resolve(abort === mine.abort), { name: 'task' });
      expect(await own.promise).toBe(true);
    });
  });

  test('aborts when the owning context is cancelled, and its reason thrown by the task is not a crash', async () => {
    await Context.run(async (context) => {
      const task = context.startServiceTask(
        (abort) => new Promise((_, reject) => abort.addEventListener('abort', () => reject(abort.reason))),
        { name: 'task' },
      );
      context.cancel(new Error('left'));
      await task.finished();
    });
  });

  test('does not hide an error of the task, although the error also closes its context', async () => {
    const crashes: unknown[] = [];
    await Context.run(async (context) => {
      const group = context.startTaskGroup({ onCrash: (crash) => crashes.push(crash.cause) > 0 });
      const error = new Error('disk full');
      group.startTask(() => Promise.reject(error), { name: 'task' });
      await group.finished();
      expect(crashes).toEqual([error]);
    });
  });
});

describe('in an application', () => {
  test("a component's context has the signal that its hooks receive", async () => {
    const seen: Array<AbortSignal | boolean> = [];
    class App extends Component {
      override start(abort: AbortSignal): void {
        seen.push(abort === this.context.abort, abort);
        this.context.onTeardown(() => void seen.push(abort.aborted));
      }
    }
    const app = await startApplication(App);
    expect(seen[0]).toBe(true);
    expect((seen[1] as AbortSignal).aborted).toBe(false);
    await app.stop();
    expect(seen[2]).toBe(true);
  });

  test('a component that cancels its own context aborts no other', async () => {
    const contexts: Context[] = [];
    class Piece extends Component {
      override start(): void {
        contexts.push(this.context);
      }
    }
    @component({ components: { a: Piece, b: Piece } })
    class App extends Component {}
    await using app = await startApplication(App);
    contexts[0]!.cancel('a');
    expect([contexts[0]!.abort.aborted, contexts[1]!.abort.aborted, app.context.abort.aborted]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('a context that a component opens is not aborted when the component stops, so its work can finish', async () => {
    const held = new Deferred();
    let served: Promise<boolean> | undefined;
    class Server extends Component {
      override ready(): void {
        served = this.context.run(async (request) => {
          const { abort } = request;
          await held.promise;
          return abort.aborted;
        });
        this.context.onTeardown(async () => {
          held.resolve();
          await served;
        });
      }
    }
    const app = await startApplication(Server);
    await app.stop();
    expect(await served).toBe(false);
  });

  test('a context-scoped provider reads the signal of the requesting context', async () => {
    const Waits = token<AbortSignal>('Waits');
    class App extends Component {
      @provides(Waits, { scope: 'context' }) waits(requesting: Context): AbortSignal {
        return requesting.abort;
      }
    }
    await using app = await startApplication(App);
    const request = app.context.child();
    const signal = request.getResourceSync(Waits);
    request.cancel('left');
    expect(signal.reason).toBe('left');
    await request.close();
  });

  test("the signal of a handler's context aborts after the event is handled", async () => {
    class Bus {
      readonly news = new Signal<string>();
    }
    const signals: AbortSignal[] = [];
    class App extends Component {
      @provides(Bus) bus(): Bus {
        return new Bus();
      }
      @on(Bus, ({ news }) => news) handle(_event: string, own: Context): void {
        signals.push(own.abort);
        expect(own.abort.aborted).toBe(false);
      }
    }
    await using app = await startApplication(App);
    app.context.getResourceSync(Bus).news.dispatch('a');
    await settled();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('a @task() receives the signal of its own context', async () => {
    const same = new Deferred<boolean>();
    class App extends Component {
      @task() work(abort: AbortSignal, own: Context): void {
        same.resolve(abort === own.abort);
      }
    }
    await using app = await startApplication(App);
    expect(await same.promise).toBe(true);
    expect(app.state).toBe('started');
  });
});
