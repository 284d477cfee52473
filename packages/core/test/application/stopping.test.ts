import { Deferred, errorOf, settled } from '@asphalt/test-support';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  Application,
  component,
  Component,
  inject,
  on,
  provides,
  Signal,
  startApplication,
  StopError,
  task,
  token,
  type ComponentClass,
  type Logger,
} from '@asphalt/core';
import type { StopTimeoutError } from '@asphalt/core/errors';
import { planApplication } from '@asphalt/core/inspect';
import { Journal } from './journal.ts';

const A = token<string>('A');
const B = token<string>('B');

afterEach(() => {
  vi.useRealTimers();
});

/** Creates a component that provides one key, needs others, and is undone when the test opens the gate. */
function link(
  journal: Journal,
  name: string,
  provided: typeof A,
  needed: readonly (typeof A)[],
  gate?: Deferred,
): ComponentClass {
  class Link extends Component {
    @provides(provided)
    async *make(): AsyncGenerator<string, void, unknown> {
      journal.push(`${name} made`);
      yield name;
      journal.push(`${name} going`);
      await gate?.promise;
      journal.push(`${name} gone`);
    }
  }
  needed.forEach((id) => {
    inject(id)(Link.prototype, `need of ${id.name}`);
  });
  return Link;
}

describe('the stop order', () => {
  test('needs are undone in reverse, and independent components concurrently', async () => {
    const journal = new Journal();
    const keys = ['base', 'left', 'right', 'top'].map((name) => token<string>(name)) as [
      typeof A,
      typeof A,
      typeof A,
      typeof A,
    ];
    const [base, left, right, top] = keys;
    const gates = { base: new Deferred(), left: new Deferred(), right: new Deferred(), top: new Deferred() };
    @component({
      components: {
        top: link(journal, 'top', top, [left, right], gates.top),
        left: link(journal, 'left', left, [base], gates.left),
        right: link(journal, 'right', right, [base], gates.right),
        base: link(journal, 'base', base, [], gates.base),
      },
    })
    class App extends Component {}
    const app = await startApplication(App);
    expect(journal.take()).toEqual(['base made', 'left made', 'right made', 'top made']);
    const stopped = app.stop();
    await settled();
    expect(journal.take()).toEqual(['top going']);
    gates.top.resolve();
    await settled();
    expect(journal.take()).toEqual(['top gone', 'right going', 'left going']);
    gates.right.resolve();
    await settled();
    expect(journal.take()).toEqual(['right gone']);
    gates.left.resolve();
    await settled();
    expect(journal.take()).toEqual(['left gone', 'base going']);
    gates.base.resolve();
    await stopped;
    expect(journal.take()).toEqual(['base gone']);
    expect(app.context.state).toBe('closed');
  });

  test('every ready() is undone and all handlers finish before other steps are undone', async () => {
    const journal = new Journal();
    const gate = new Deferred();
    class Feed {
      readonly told = new Signal<string>();
    }
    class Source extends Component {
      @provides(Feed) *feed(): Generator<Feed, void, unknown> {
        yield new Feed();
        journal.push('feed gone');
      }
      override async *ready(@inject(Feed) feed: Feed): AsyncGenerator<void, void, unknown> {
        yield;
        journal.push('closing');
        await gate.promise;
        feed.told.dispatch('last');
        journal.push('closed');
      }
    }
    class Listener extends Component {
      @on(Feed, (feed) => feed.told)
      async hear(event: string): Promise<void> {
        await settled();
        journal.push(`heard ${event}`);
      }
      override *start(): Generator<void, void, unknown> {
        yield;
        journal.push('listener undone');
      }
    }
    @component({ components: { listener: Listener, source: Source } })
    class App extends Component {}
    const app = await startApplication(App);
    const stopped = app.stop();
    await settled();
    expect(journal.take()).toEqual(['closing']);
    gate.resolve();
    await stopped;
    expect(journal.take()).toEqual(['closed', 'heard last', 'feed gone', 'listener undone']);
  });

  test('@task methods end before all resources, and service tasks end in teardown order', async () => {
    const journal = new Journal();
    class Source extends Component {
      @provides(A) *a(): Generator<string, void, unknown> {
        yield 'a';
        journal.push('a gone');
      }
    }
    class Worker extends Component {
      @inject(A) readonly a!: string;
      @task()
      async work(abort: AbortSignal): Promise<void> {
        await new Promise((resolve) => abort.addEventListener('abort', resolve));
        await settled();
        journal.push(`work with ${this.a} ended`);
      }
      override start(): void {
        this.context.addResource(B, 'b', { dispose: () => void journal.push('b gone') });
        this.context.startServiceTask(
          async (abort) => {
            await new Promise((resolve) => abort.addEventListener('abort', resolve));
            await settled();
            journal.push('service ended');
          },
          { name: 'service' },
        );
      }
    }
    @component({ components: { worker: Worker, source: Source } })
    class App extends Component {}
    await (await startApplication(App)).stop();
    expect(journal).toEqual(['work with a ended', 'service ended', 'b gone', 'a gone']);
  });

  test.each(['a sibling', 'a child'])(
    'the context of a component closes before the resource of %s that its provider needs is disposed of',
    async (whose) => {
      const journal = new Journal();
      class Source extends Component {
        @provides(A) *a(): Generator<string, void, unknown> {
          yield 'a';
          journal.push('a gone');
        }
      }
      class Needy extends Component {
        @provides(B) async b(@inject(A) a: string): Promise<string> {
          this.context.onTeardown(async () => {
            await settled();
            journal.push(`b flushed to ${a}`);
          });
          return 'b';
        }
      }
      if (whose === 'a child') component({ components: { source: Source } })(Needy);
      @component({ components: whose === 'a child' ? { needy: Needy } : { needy: Needy, source: Source } })
      class App extends Component {}
      await (await startApplication(App)).stop();
      expect(journal).toEqual(['b flushed to a', 'a gone']);
    },
  );

  test('only started steps are undone', async () => {
    const journal = new Journal();
    class Bad extends Component {
      override start(): void {
        throw new Error('bad');
      }
    }
    const siblings = { earlier: journal.component('earlier'), bad: Bad, later: journal.component('later') };
    @component({ components: siblings })
    class First extends Component {}
    const Root = journal.component('root');
    component({ components: { first: First } })(Root);
    await errorOf(() => startApplication(Root));
    const why = ' (Component `first.bad` (Bad) failed to start: Error: bad)';
    expect(journal).toEqual([
      'root made',
      'root prepare',
      'earlier made',
      'earlier prepare',
      'earlier start',
      `undo earlier start${why}`,
      `undo earlier prepare${why}`,
      `earlier gone${why}`,
      `undo root prepare${why}`,
      `root gone${why}`,
    ]);
  });
});

describe('stop()', () => {
  test('an application that was stopped before its start cannot start', async () => {
    class App extends Component {
      constructor() {
        super();
        expect.unreachable();
      }
    }
    const app = new Application(await planApplication(App));
    await app.stop();
    expect(app.state).toBe('stopped');
    await app.finished;
    await expect(app.start()).rejects.toMatchObject({ code: 'ERR_APPLICATION_STATE', state: 'stopped' });
  });

  test('concurrent and later calls wait for the same stop', async () => {
    const gate = new Deferred();
    const journal = new Journal();
    const app = await startApplication(link(journal, 'a', A, [], gate));
    const stops = [app.stop(), app.stop(new Error('comes too late'))];
    await settled();
    expect(app.state).toBe('stopping');
    stops.push(app.stop());
    gate.resolve();
    await Promise.all(stops);
    await app.stop();
    expect(journal.filter((line) => line === 'a gone')).toHaveLength(1);
    await app.finished;
  });

  test('every teardown receives the error, and `finished` rejects with it', async () => {
    const journal = new Journal();
    const reason = new Error('the roof is on fire');
    @component({ components: { one: journal.component('one') } })
    class App extends Component {}
    const app = await startApplication(App);
    journal.take();
    await app.stop(reason);
    await expect(app.finished).rejects.toBe(reason);
    expect(journal).toEqual(
      ['undo one ready', 'undo one start', 'undo one prepare', 'one gone'].map((line) => `${line} (${reason.message})`),
    );
  });

  test('no teardown runs synchronously inside stop()', async () => {
    const journal = new Journal();
    const app = await startApplication(journal.component('one'));
    journal.take();
    const stopped = app.stop();
    expect(journal).toEqual([]);
    await stopped;
    expect(journal[0]).toBe('undo one ready');
  });

  test('the end of an `await using` block stops the application', async () => {
    const journal = new Journal();
    {
      await using _ = await startApplication(link(journal, 'a', A, []));
    }
    expect(journal).toEqual(['a made', 'a going', 'a gone']);
  });
});

describe('failing teardowns', () => {
  class Failing extends Component {
    constructor() {
      super();
      this.context.onTeardown(function ofConstructor() {
        throw new Error('constructor');
      });
    }
    @provides(A) async *a(): AsyncGenerator<string, void, unknown> {
      yield 'a';
      throw new Error('provider');
    }
    override *prepare(): Generator<void, void, unknown> {
      yield;
      throw new Error('prepare');
    }
    override async *start(): AsyncGenerator<void, void, unknown> {
      this.context.onTeardown(() => Promise.reject(new Error('start 1')));
      yield;
      throw new Error('start 2');
    }
    override *ready(): Generator<void, void, unknown> {
      yield;
      throw 'ready';
    }
  }

  test('all teardowns run despite failures, and all failures are reported', async () => {
    const journal = new Journal();
    @component({ components: { failing: Failing, fine: link(journal, 'fine', B, []) } })
    class App extends Component {}
    const app = await startApplication(App);
    const failure = (await errorOf(() => app.stop())) as StopError;
    expect(failure).toBeInstanceOf(StopError);
    expect(failure.message).toMatchInlineSnapshot(`
      "6 failures while the application stopped
        1. component \`failing\` (Failing), ready(): threw a non-Error value: "ready"
        2. component \`failing\` (Failing), start(): Error: start 2
        3. component \`failing\` (Failing), a teardown callback: Error: start 1
        4. component \`failing\` (Failing), rest of a(): Error: provider
        5. component \`failing\` (Failing), prepare(): Error: prepare
        6. component \`failing\` (Failing), ofConstructor: Error: constructor
        code         ERR_STOP"
    `);
    expect(journal).toEqual(['fine made', 'fine going', 'fine gone']);
    await expect(app.finished).rejects.toBe(failure);
  });

  test('StopError contains the error that ended the application', async () => {
    const app = await startApplication(Failing);
    const reason = new Error('reason');
    const failure = (await errorOf(() => app.stop(reason))) as StopError;
    expect(failure.endedBy).toBe(reason);
    expect(failure.message).toContain('\n  ended by     Error: reason\n');
    await expect(app.finished).rejects.toBe(reason);
  });

  test('a child context that is still open is reported', async () => {
    class Leaking extends Component {
      override start(): void {
        this.context.child('forgotten');
      }
    }
    const app = await startApplication(Leaking);
    expect((await errorOf(() => app.stop())).message).toMatchInlineSnapshot(`
      "1 failure while the application stopped
        1. the application: Context "Leaking" closed while 1 child context was open
             open         "forgotten"
             help         close children first; context.run(body) does this automatically
             code         ERR_CONTEXT_LEAK
        code         ERR_STOP"
    `);
  });
});

describe('hanging teardowns', () => {
  const silent = (): undefined => undefined;

  function loggerOf(lines: string[]): Logger {
    const logger: Logger = {
      debug: silent,
      info: silent,
      warn: (line) => void lines.push(`warn ${line}`),
      error: (line) => void lines.push(`error ${line}`),
      child: () => logger,
    };
    return logger;
  }

  test('a hanging teardown is logged after 5 s and abandoned at the limit, and all others run', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const journal = new Journal();
    const lines: string[] = [];
    const never = new Deferred();
    @component({
      components: {
        user: link(journal, 'user', B, [A], never),
        used: link(journal, 'used', A, []),
        alone: journal.component('alone'),
      },
    })
    class App extends Component {}
    const app = await startApplication(App, { logger: loggerOf(lines), stopTimeout: 6000 });
    journal.take();
    const failed = errorOf(() => app.stop());
    await vi.advanceTimersByTimeAsync(4999);
    expect(lines).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(lines).toEqual(['warn Still stopping after 5 s: component `user` (Link), make()']);
    expect(journal.take()).toContain('alone gone');
    await vi.advanceTimersByTimeAsync(1000);
    const failure = (await failed) as StopError;
    expect(journal.take()).toEqual(['used going', 'used gone']);
    expect(failure.message).toMatchInlineSnapshot(`
      "1 failure while the application stopped
        1. the application: The application did not stop within 6 s and was abandoned
             hanging      component \`user\` (Link), make()
             help         find out why these components do not finish, or raise the limit: stopTimeout (0 means no limit)
             code         ERR_STOP_TIMEOUT
        code         ERR_STOP"
    `);
    expect((failure.errors[0]!.error as StopTimeoutError).hanging).toEqual(['component `user` (Link), make()']);
    expect(vi.getTimerCount()).toBe(0);
    expect(app.state).toBe('stopped');
  });

  test('StopTimeoutError names a hanging ready(), task or handler', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const never = new Deferred();
    class Feed {
      readonly told = new Signal<string>();
    }
    class Hanging extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      override async *ready(): AsyncGenerator<void, void, unknown> {
        yield;
        await never.promise;
      }
    }
    class Working extends Component {
      @task() async work(): Promise<void> {
        await never.promise;
      }
    }
    class Listening extends Component {
      @on(Feed, (feed) => feed.told) async hear(): Promise<void> {
        await never.promise;
      }
    }
    const hanging = async (type: ComponentClass): Promise<readonly string[]> => {
      @component({ components: { it: type, ...(type === Hanging ? {} : { source: Source }) } })
      class App extends Component {}
      const app = await startApplication(App, { stopTimeout: 100 });
      app.context.findResource(Feed)?.told.dispatch('event');
      const failed = errorOf(() => app.stop());
      // After the limit, late teardowns have a grace period.
      await vi.advanceTimersByTimeAsync(1100);
      const { errors } = (await failed) as StopError;
      return errors.flatMap(({ error }) => (error as StopTimeoutError).hanging ?? []);
    };
    class Source extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
    }
    expect(await hanging(Hanging)).toEqual(['component `it` (Hanging), ready()']);
    expect(await hanging(Working)).toEqual(['component `it` (Working), ready(): task it.work']);
    expect(await hanging(Listening)).toEqual(['component `it` (Listening), hear()']);
  });

  test('an abandoned teardown that fails later is reported', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const gate = new Deferred();
    const reported: unknown[] = [];
    const app = await startApplication(link(new Journal(), 'a', A, [], gate), {
      stopTimeout: 10,
      onError: (error) => reported.push(error),
    });
    const failed = errorOf(() => app.stop());
    await vi.advanceTimersByTimeAsync(10);
    await failed;
    gate.reject(new Error('much later'));
    await settled();
    expect(reported).toMatchObject([{ message: 'much later' }]);
  });

  test('a teardown can take any time if the limit is 0', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const gate = new Deferred();
    const app = await startApplication(link(new Journal(), 'a', A, [], gate), { stopTimeout: 0 });
    const stopped = app.stop();
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(app.state).toBe('stopping');
    gate.resolve();
    await stopped;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('errors during the stop', () => {
  test('errors of tasks are part of StopError', async () => {
    class Working extends Component {
      @task() async work(abort: AbortSignal): Promise<void> {
        await new Promise((resolve) => abort.addEventListener('abort', resolve));
        throw new Error('could not save');
      }
    }
    @component({ components: { working: Working } })
    class App extends Component {}
    const app = await startApplication(App);
    const failure = (await errorOf(() => app.stop())) as StopError;
    expect(failure.errors).toMatchObject([
      {
        component: 'component `working` (Working)',
        error: { code: 'ERR_TASK_CRASHED', cause: { message: 'could not save' } },
      },
    ]);
  });

  test('errors of handlers are reported to onError', async () => {
    class Feed {
      readonly told = new Signal<string>();
    }
    class Listening extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      @on(Feed, (feed) => feed.told) async hear(event: string): Promise<void> {
        await settled();
        throw new Error(event);
      }
    }
    const reported: unknown[] = [];
    const app = await startApplication(Listening, { onError: (error) => reported.push(error) });
    app.context.getResourceSync(Feed).told.dispatch('last words');
    await app.stop();
    expect(reported).toMatchObject([{ code: 'ERR_HANDLER', cause: { message: 'last words' } }]);
  });
});
