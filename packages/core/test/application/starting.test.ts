import { setTimeout as delay } from 'node:timers/promises';
import { Deferred, errorOf, settled, startUntilIdle, warningsOf } from '@asphalt/test-support';
import { describe, expect, test, vi } from 'vitest';
import {
  Application,
  child,
  component,
  Component,
  defineConfig,
  inject,
  provides,
  startApplication,
  task,
  token,
  type ComponentClass,
  type LifecycleEvent,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { Journal } from './journal.ts';

const A = token<string>('A');
const B = token<string>('B');
const C = token<string>('C');

describe('the start order', () => {
  test('components prepare before and start after their children, and then become ready, children first', async () => {
    const journal = new Journal();
    const [One, Two, Leaf] = ['one', 'two', 'leaf'].map((name) => journal.component(name)) as [
      ComponentClass,
      ...ComponentClass[],
    ];
    component({ components: { leaf: Leaf! } })(One);
    const Root = journal.component('root');
    component({ components: { one: One, two: Two! } })(Root);
    const app = await startApplication(Root);
    expect(journal.take()).toMatchInlineSnapshot(`
      [
        "root made",
        "root prepare",
        "one made",
        "one prepare",
        "leaf made",
        "leaf prepare",
        "leaf start",
        "one start",
        "two made",
        "two prepare",
        "two start",
        "root start",
        "leaf ready",
        "one ready",
        "two ready",
        "root ready",
      ]
    `);
    await app.stop();
    expect(journal.take()).toMatchInlineSnapshot(`
      [
        "undo root ready",
        "undo two ready",
        "undo one ready",
        "undo leaf ready",
        "undo root start",
        "undo two start",
        "undo one start",
        "undo two prepare",
        "undo leaf start",
        "two gone",
        "undo leaf prepare",
        "leaf gone",
        "undo one prepare",
        "one gone",
        "undo root prepare",
        "root gone",
      ]
    `);
  });

  test('the lifecycle signal emits all state changes in order', async () => {
    class Leaf extends Component {
      override prepare(): void {}
      override start(): void {}
      override ready(): void {}
    }
    @component({ components: { leaf: Leaf } })
    class Root extends Component {}
    const app = new Application(await planApplication(Root));
    const events: string[] = [];
    app.lifecycle.subscribe({
      next: (event: LifecycleEvent) => {
        if (event.type === 'component') events.push(`${event.component.path || 'root'} ${event.state}`);
        if (event.type === 'application') events.push(`app ${event.state}`);
      },
      complete: () => events.push('complete'),
    });
    await app.start();
    await app.stop();
    expect(events).toEqual([
      'app starting',
      'leaf preparing',
      'leaf starting',
      'leaf started',
      'root starting',
      'root started',
      'leaf ready',
      'root ready',
      'app started',
      'app stopping',
      'root stopping',
      'leaf stopping',
      'root stopped',
      'leaf stopped',
      'app stopped',
      'complete',
    ]);
  });

  test('a step starts as soon as its last need is available', async () => {
    const gates = { a: new Deferred(), b: new Deferred(), c: new Deferred(), slow: new Deferred() };
    const journal = new Journal();
    class Sources extends Component {
      @provides(A) async a(): Promise<string> {
        await gates.a.promise;
        return 'a';
      }
      @provides(B) async b(): Promise<string> {
        await gates.b.promise;
        return 'b';
      }
      override async start(): Promise<void> {
        journal.push('sources start');
        await gates.slow.promise;
      }
    }
    class NeedsA extends Component {
      constructor(@inject(A) a: string) {
        super();
        journal.push(`made with ${a}`);
      }
      @provides(C) async c(@inject(B) b: string): Promise<string> {
        journal.push(`c with ${b}`);
        await gates.c.promise;
        return 'c';
      }
      override start(): void {
        journal.push('needs-a start');
      }
    }
    class NeedsC extends Component {
      @inject(C) readonly c!: string;
      override start(@inject(A) a: string): void {
        journal.push(`start with ${a} ${this.c}`);
      }
      override ready(): void {
        journal.push('ready');
      }
    }
    @component({ components: { c: NeedsC, a: NeedsA, sources: Sources } })
    class App extends Component {}
    const { outcome, app } = await startUntilIdle(App);
    expect(journal.take()).toEqual([]);
    gates.a.resolve();
    await settled();
    expect(journal.take()).toEqual(['made with a']);
    gates.b.resolve();
    await settled();
    expect(journal.take()).toEqual(['c with b', 'sources start']);
    gates.c.resolve();
    await settled();
    // No step waits for the slow start of Sources, because its resources are already published.
    expect(journal.take()).toEqual(['start with a c', 'needs-a start']);
    expect(outcome).toEqual({});
    gates.slow.resolve();
    await settled();
    expect(journal.take()).toEqual(['ready']);
    expect(outcome).toEqual({ started: true });
    await app.stop();
  });

  test('ready() waits for ready() of the components that it depends on', async () => {
    const gate = new Deferred();
    const journal = new Journal();
    class Source extends Component {
      @provides(A) a(): string {
        return 'a';
      }
      override async ready(): Promise<void> {
        journal.push('source getting ready');
        await gate.promise;
        journal.push('source ready');
      }
    }
    class Server extends Component {
      @inject(A) readonly a!: string;
      override ready(): void {
        journal.push('server ready');
      }
    }
    @component({ components: { server: Server, source: Source } })
    class App extends Component {}
    const { app } = await startUntilIdle(App);
    expect(journal.take()).toEqual(['source getting ready']);
    gate.resolve();
    await settled();
    expect(journal.take()).toEqual(['source ready', 'server ready']);
    await app.stop();
  });

  test('a hook may return any thenable', async () => {
    const gate = new Deferred();
    // Like a query builder: an object with only a `then` method that returns nothing.
    class Query {}
    Object.assign(Query.prototype, { ['the' + 'n']: (done: () => void) => void gate.promise.then(done) });
    class Lazy extends Component {
      override start(): Promise<void> {
        return new Query() as Promise<void>;
      }
    }
    const { outcome, app } = await startUntilIdle(Lazy);
    expect(outcome).toEqual({});
    gate.resolve();
    await settled();
    expect(outcome).toEqual({ started: true });
    await app.stop();
  });

  test('hooks receive their needs and the abort signal', async () => {
    const seen: unknown[] = [];
    class Source extends Component {
      @provides(A) a(abort: AbortSignal): string {
        seen.push(abort.aborted);
        return 'a';
      }
    }
    class Needy extends Component {
      override prepare(@inject(A) a: string, abort: AbortSignal): void {
        seen.push(a, abort instanceof AbortSignal);
      }
      override start(abort: AbortSignal, @inject(A) a: string): void {
        seen.push(abort instanceof AbortSignal, a);
      }
      // Methods receive only declared parameters.
      override ready(...args: unknown[]): void {
        seen.push(args.length);
      }
    }
    @component({ components: { needy: Needy, source: Source } })
    class App extends Component {}
    await using _ = await startApplication(App);
    expect(seen).toEqual([false, 'a', true, true, 'a', 0]);
  });

  test('an application cannot be started twice', async () => {
    const { app } = await startUntilIdle(class Root extends Component {});
    const again = await errorOf(() => app.start());
    expect(again.message).toMatchInlineSnapshot(`
      "Cannot start the application: it is started
        note         an application can be started only once
        help         create another application from the same plan: new Application(plan)
        code         ERR_APPLICATION_STATE"
    `);
    await app.stop();
    await expect(app.start()).rejects.toThrow('Cannot start the application: it is stopped');
  });
});

describe('several starts', () => {
  test('no listener or timer remains after a successful or failed start', async () => {
    const before = process.listenerCount('beforeExit');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const config = defineConfig({ fails: { doc: 'Fails', format: 'boolean', default: false } });
      @component({ config })
      class MayFail extends Component<typeof config> {
        override async start(): Promise<void> {
          expect(process.listenerCount('beforeExit')).toBe(before + 1);
          if (this.config.fails) throw new Error('bad');
        }
      }
      const app = await startApplication(MayFail);
      expect([process.listenerCount('beforeExit'), vi.getTimerCount()]).toEqual([before, 0]);
      await app.stop();
      expect([process.listenerCount('beforeExit'), vi.getTimerCount()]).toEqual([before, 0]);
      @component({ components: { mayFail: child(MayFail, { fails: true }) } })
      class App extends Component {}
      await errorOf(() => startApplication(App));
      expect([process.listenerCount('beforeExit'), vi.getTimerCount()]).toEqual([before, 0]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('several applications can start concurrently', async () => {
    class App extends Component {
      @provides(A) a(): string {
        return this.path;
      }
    }
    const apps = await Promise.all([startApplication(App), startApplication(App), startApplication(App)]);
    expect(new Set(apps.map(({ context }) => context)).size).toBe(3);
    await Promise.all(apps.map((app) => app.stop()));
  });
});

describe('a task that fails immediately', () => {
  test.each(Array.from({ length: 9 }, (_, turns) => turns))(
    'the states are in order if the task fails after %i microtasks',
    async (turns) => {
      class Failing extends Component {
        @task() async work(): Promise<void> {
          for (let turn = 0; turn < turns; turn++) await Promise.resolve();
          throw new Error('cannot work');
        }
      }
      const app = new Application(await planApplication(Failing));
      const states: string[] = [];
      app.lifecycle.subscribe((event) => {
        if (event.type === 'application') states.push(event.state);
      });
      const failure = errorOf(app.finished);
      await app.start();
      expect((await failure).message).toContain('cannot work');
      expect(states).toEqual(['starting', 'started', 'stopping', 'stopped']);
    },
  );

  test.each(Array.from({ length: 9 }, (_, turns) => turns))(
    'a task of a ready() hook that fails after %i microtasks ends the start or the started application',
    async (turns) => {
      class Failing extends Component {
        override ready(): void {
          this.context.startServiceTask(
            async () => {
              for (let turn = 0; turn < turns; turn++) await Promise.resolve();
              throw new Error('cannot work');
            },
            { name: 'work' },
          );
        }
      }
      const app = new Application(await planApplication(Failing));
      const states: string[] = [];
      app.lifecycle.subscribe((event) => {
        if (event.type === 'application') states.push(event.state);
      });
      const ended = errorOf(app.finished);
      const started = await app.start().then(
        () => true,
        () => false,
      );
      expect((await ended).message).toContain('cannot work');
      expect(states).toEqual(['starting', ...(started ? ['started'] : []), 'stopping', 'stopped']);
    },
  );
});

test('tasks start when all components are ready and the application has started', async () => {
  const journal = new Journal();
  class Child extends Component {
    @inject(Application) readonly application!: Application;
    @task() work(): void {
      journal.push(`task of ${this.path === '' ? 'root' : this.path}: ${this.application.state}`);
    }
    override async ready(): Promise<void> {
      journal.push(`${this.path === '' ? 'root' : this.path} is ready: ${this.application.state}`);
    }
  }
  @component({ components: { first: Child, second: Child } })
  class App extends Child {}
  await using app = await startApplication(App);
  expect(journal.take()).toEqual([
    'first is ready: starting',
    'second is ready: starting',
    'root is ready: starting',
    'task of first: started',
    'task of second: started',
    'task of root: started',
  ]);
  await app.restart('second');
  expect(journal.take()).toEqual(['second is ready: started', 'task of second: started']);
});

test('twelve applications can start concurrently, and a task can wait thirty times for its signal, without warnings', async () => {
  const gate = new Deferred();
  class Slow extends Component {
    override start(): Promise<void> {
      return gate.promise;
    }
    @task() async work(abort: AbortSignal): Promise<void> {
      await Promise.all(Array.from({ length: 30 }, () => delay(60_000, undefined, { signal: abort })));
    }
  }
  const warnings = await warningsOf(async () => {
    const starts = Array.from({ length: 12 }, () => startApplication(Slow));
    await settled();
    gate.resolve();
    for (const app of await Promise.all(starts)) await app.stop();
  });
  expect(warnings).toEqual([]);
});
