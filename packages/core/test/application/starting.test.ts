import { describe, expect, test, vi } from 'vitest';
import {
  Application,
  child,
  component,
  Component,
  ComponentStartError,
  defineConfig,
  inject,
  on,
  planApplication,
  provides,
  StartCancelledError,
  StartDeadlockError,
  StartError,
  startApplication,
  StartTimeoutError,
  task,
  token,
  type ComponentClass,
  type LifecycleEvent,
} from '@asphalt/core';
import { failureOf } from '../config/temp-folder.ts';
import { Gate, settled } from './gate.ts';
import { Journal } from './journal.ts';

const A = token<string>('A');
const B = token<string>('B');
const C = token<string>('C');

/** An application that has begun to start, and what becomes of it. */
async function begin(root: ComponentClass, options: ConstructorParameters<typeof Application>[1] = {}) {
  const app = new Application(await planApplication(root), options);
  const outcome: { error?: unknown; started?: true } = {};
  const start = app.start().then(
    () => void (outcome.started = true),
    (error: unknown) => void (outcome.error = error),
  );
  await settled();
  return { app, outcome, start };
}

describe('the order of a start', () => {
  test('is that of the tree: prepare, children, start; then everybody is made ready, children first', async () => {
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
        "two made",
        "one prepare",
        "two prepare",
        "leaf made",
        "two start",
        "leaf prepare",
        "leaf start",
        "one start",
        "root start",
        "leaf ready",
        "two ready",
        "one ready",
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

  test('is told by the life cycle', async () => {
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
      next: (event: LifecycleEvent) =>
        events.push(
          `${event.type === 'component' ? event.component.path || 'root' : 'app'} ${'state' in event ? event.state : ''}`,
        ),
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

  test('is that of the data: a step begins the moment its last need is there', async () => {
    const gates = { a: new Gate(), b: new Gate(), c: new Gate(), slow: new Gate() };
    const journal = new Journal();
    class Sources extends Component {
      @provides(A) async a(): Promise<string> {
        await gates.a.opened;
        return 'a';
      }
      @provides(B) async b(): Promise<string> {
        await gates.b.opened;
        return 'b';
      }
      override async start(): Promise<void> {
        journal.push('sources start');
        await gates.slow.opened;
      }
    }
    class NeedsA extends Component {
      constructor(@inject(A) a: string) {
        super();
        journal.push(`made with ${a}`);
      }
      @provides(C) async c(@inject(B) b: string): Promise<string> {
        journal.push(`c with ${b}`);
        await gates.c.opened;
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
    const { outcome, app } = await begin(App);
    expect(journal.take()).toEqual([]);
    gates.a.open();
    await settled();
    expect(journal.take()).toEqual(['made with a']);
    gates.b.open();
    await settled();
    expect(journal.take()).toEqual(['c with b', 'sources start']);
    gates.c.open();
    await settled();
    // Nobody waits for the slow start of Sources: what it provides is there.
    expect(journal.take()).toEqual(['needs-a start', 'start with a c']);
    expect(outcome).toEqual({});
    gates.slow.open();
    await settled();
    expect(journal.take()).toEqual(['ready']);
    expect(outcome).toEqual({ started: true });
    await app.stop();
  });

  test('lets work in where it is needed first: ready waits for the ready of those who provide', async () => {
    const gate = new Gate();
    const journal = new Journal();
    class Source extends Component {
      @provides(A) a(): string {
        return 'a';
      }
      override async ready(): Promise<void> {
        journal.push('source getting ready');
        await gate.opened;
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
    const { app } = await begin(App);
    expect(journal.take()).toEqual(['source getting ready']);
    gate.open();
    await settled();
    expect(journal.take()).toEqual(['source ready', 'server ready']);
    await app.stop();
  });

  test('waits for what is thenable, be it a promise or not', async () => {
    const gate = new Gate();
    // As query builders are: there is nothing but a `then`, and it gives nothing back.
    class Query {}
    Object.assign(Query.prototype, { ['the' + 'n']: (done: () => void) => void gate.opened.then(done) });
    class Lazy extends Component {
      override start(): Promise<void> {
        return new Query() as Promise<void>;
      }
    }
    const { outcome, app } = await begin(Lazy);
    expect(outcome).toEqual({});
    gate.open();
    await settled();
    expect(outcome).toEqual({ started: true });
    await app.stop();
  });

  test('gives hooks what they need, and the signal that tells of giving up', async () => {
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
      override ready(...args: unknown[]): void {
        seen.push(args.length);
      }
    }
    @component({ components: { needy: Needy, source: Source } })
    class App extends Component {}
    await using _ = await startApplication(App);
    expect(seen).toEqual([false, 'a', true, true, 'a', 1]);
  });

  test('cannot be gone through twice', async () => {
    const { app } = await begin(class Root extends Component {});
    const again = await failureOf(() => app.start());
    expect(again.message).toMatchInlineSnapshot(`
      "Cannot start the application: it is started
        note         an application starts once
        help         make another one of the same plan: new Application(plan)
        code         ERR_APPLICATION_STATE"
    `);
    await app.stop();
    await expect(app.start()).rejects.toThrow('Cannot start the application: it is stopped');
  });
});

describe('a failure', () => {
  const failing = (phase: 'constructor' | 'prepare' | 'start' | 'ready' | 'provider'): ComponentClass => {
    const fail = (at: string): void => {
      if (at === phase) throw new Error('component fail');
    };
    class Failing extends Component {
      constructor() {
        super();
        fail('constructor');
      }
      override async prepare(): Promise<void> {
        fail('prepare');
      }
      override async start(): Promise<void> {
        fail('start');
      }
      override async ready(): Promise<void> {
        fail('ready');
      }
      @provides(A) async a(): Promise<string> {
        fail('provider');
        return 'a';
      }
    }
    return Failing;
  };

  test.each([
    ['constructor', 'constructor'],
    ['prepare', 'prepare()'],
    ['start', 'start()'],
    ['ready', 'ready()'],
    ['provider', 'a()'],
  ] as const)('of %s is told with phase, path, class and cause (A018, A019)', async (at, phase) => {
    @component({ components: { inner: failing(at) } })
    class Outer extends Component {}
    const failure = (await failureOf(() => startApplication(Outer))) as ComponentStartError;
    expect(failure).toBeInstanceOf(ComponentStartError);
    expect(failure).toMatchObject({ phase, path: 'inner', type: 'Failing', cause: { message: 'component fail' } });
  });

  test('reads so', async () => {
    @component({ components: { inner: failing('constructor') } })
    class Outer extends Component {}
    expect((await failureOf(() => startApplication(Outer))).message).toMatchInlineSnapshot(`
      "Component \`inner\` (Failing) failed to start: Error: component fail
        called in    the constructor of component \`inner\` (Failing)
        path         Outer › inner (Failing)
        code         ERR_COMPONENT_START"
    `);
    expect((await failureOf(() => startApplication(failing('start')))).message).toMatchInlineSnapshot(`
      "The root component (Failing) failed to start: Error: component fail
        called in    start() of the root component (Failing)
        code         ERR_COMPONENT_START"
    `);
    class NoMessage extends Component {
      override start(): void {
        throw new TypeError();
      }
    }
    expect((await failureOf(() => startApplication(NoMessage))).message).toMatchInlineSnapshot(`
      "The root component (NoMessage) failed to start: TypeError
        called in    start() of the root component (NoMessage)
        code         ERR_COMPONENT_START"
    `);
    class NoError extends Component {
      override start(): void {
        throw 'text';
      }
    }
    expect((await failureOf(() => startApplication(NoError))).message).toMatchInlineSnapshot(`
      "The root component (NoError) failed to start: thrown value text
        called in    start() of the root component (NoError)
        code         ERR_COMPONENT_START"
    `);
  });

  test('that explains itself is told with its place only', async () => {
    class Empty extends Component {
      @provides(A) a(): string {
        return undefined as unknown as string;
      }
    }
    @component({ components: { empty: Empty } })
    class App extends Component {}
    expect((await failureOf(() => startApplication(App))).message).toMatchInlineSnapshot(`
      "\`a()\` gave undefined where a \`A\` was expected
        called in    a() of component \`empty\` (Empty)
        path         App › empty (Empty)
        note         null and undefined mean that a resource is absent
        cause        ERR_RESOURCE_VALUE
        help         give a \`A\`
        code         ERR_COMPONENT_START"
    `);
  });

  test('called AbortError is a failure like any other while nobody gives up', async () => {
    class Fetching extends Component {
      override async start(): Promise<void> {
        throw new DOMException('The operation was aborted', 'AbortError');
      }
    }
    const failure = await failureOf(() => startApplication(Fetching));
    expect(failure).toBeInstanceOf(ComponentStartError);
    expect(failure).toMatchObject({ phase: 'start()', cause: { name: 'AbortError' } });
  });

  test('tells those who are starting to give up, begins nothing else, and undoes all in reverse (B17)', async () => {
    const journal = new Journal();
    const gate = new Gate();
    class Bad extends Component {
      override async start(): Promise<void> {
        await gate.opened;
        throw new Error('bad');
      }
    }
    class Good extends Component {
      @provides(A) *a(): Generator<string, void, unknown> {
        yield 'a';
        journal.push('undo a');
      }
    }
    class Slow extends Component {
      @inject(A) readonly a!: string;
      override async start(abort: AbortSignal): Promise<void> {
        this.context.onTeardown((error) => void journal.push(`undo slow: ${(error as ComponentStartError).path}`));
        await new Promise((_, reject) => {
          abort.addEventListener('abort', () => reject(abort.reason as Error));
        });
      }
    }
    class Late extends Component {
      override async start(@inject(B) _b: string): Promise<void> {
        journal.push('must not run');
      }
    }
    class Source extends Component {
      @provides(B) async b(abort: AbortSignal): Promise<string> {
        await new Promise((resolve) => abort.addEventListener('abort', resolve));
        journal.push('b came after all');
        return 'b';
      }
    }
    @component({ components: { bad: Bad, slow: Slow, good: Good, late: Late, source: Source } })
    class App extends Component {}
    const { app, outcome, start } = await begin(App);
    gate.open();
    await start;
    expect(outcome.error).toMatchObject({ code: 'ERR_COMPONENT_START', path: 'bad' });
    expect(journal.take()).toEqual(['b came after all', 'undo slow: bad', 'undo a']);
    expect(app.state).toBe('stopped');
    await expect(app.finished).rejects.toBe(outcome.error);
  });

  test('ends the start soon, although another component never heeds its signal', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const gate = new Gate();
      class Bad extends Component {
        override async start(): Promise<void> {
          await gate.opened;
        }
      }
      class Deaf extends Component {
        override async start(): Promise<void> {
          await new Promise(() => undefined);
        }
      }
      @component({ components: { deaf: Deaf, bad: Bad } })
      class App extends Component {}
      const { outcome, start } = await begin(App, { startTimeout: 0 });
      gate.fail(new Error('bad'));
      await settled();
      expect(outcome).toEqual({});
      await vi.advanceTimersByTimeAsync(1000);
      await start;
      expect(outcome.error).toMatchObject({ path: 'bad' });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('of several components comes out as one flat error', async () => {
    const gate = new Gate();
    class Bad extends Component {
      override async start(): Promise<void> {
        await gate.opened;
        throw new Error(`bad ${this.alias}`);
      }
    }
    @component({ components: { one: Bad, two: Bad } })
    class Middle extends Component {}
    @component({ components: { middle: Middle, three: Bad } })
    class App extends Component {}
    const { outcome, start, app } = await begin(App);
    gate.open();
    await start;
    expect(outcome.error).toBeInstanceOf(StartError);
    expect((outcome.error as StartError).errors.map((error) => (error as ComponentStartError).path)).toEqual([
      'middle.one',
      'middle.two',
      'three',
    ]);
    expect((outcome.error as Error).message).toMatchInlineSnapshot(`
      "The application did not start: 3 failures
        1. Component \`middle.one\` (Bad) failed to start: Error: bad one
             called in    start() of component \`middle.one\` (Bad)
             path         App › middle (Middle) › one (Bad)
             code         ERR_COMPONENT_START
        2. Component \`middle.two\` (Bad) failed to start: Error: bad two
             called in    start() of component \`middle.two\` (Bad)
             path         App › middle (Middle) › two (Bad)
             code         ERR_COMPONENT_START
        3. Component \`three\` (Bad) failed to start: Error: bad three
             called in    start() of component \`three\` (Bad)
             path         App › three (Bad)
             code         ERR_COMPONENT_START
        code         ERR_START"
    `);
    await expect(app.finished).rejects.toBe(outcome.error);
  });

  test('of a teardown on the way back is not lost', async () => {
    class Fragile extends Component {
      @provides(A) *a(): Generator<string, void, unknown> {
        yield 'a';
        throw new Error('a cannot be undone');
      }
      override start(): void {
        this.context.onTeardown(() => {
          throw new Error('start cannot be undone');
        });
      }
    }
    @component({ components: { fragile: Fragile } })
    class App extends Component {
      override start(): void {
        throw new Error('bad');
      }
    }
    const failure = (await failureOf(() => startApplication(App))) as StartError;
    expect(failure.message).toMatchInlineSnapshot(`
      "The application did not start: 2 failures
        1. The root component (App) failed to start: Error: bad
             called in    start() of the root component (App)
             code         ERR_COMPONENT_START
        2. 2 failures while the application stopped
             1. component \`fragile\` (Fragile): Error: start cannot be undone
             2. component \`fragile\` (Fragile): Error: a cannot be undone
             ended by     The root component (App) failed to start: Error: bad
             code         ERR_STOP
        code         ERR_START"
    `);
    expect(failure.errors[0]).toMatchObject({ path: '' });
  });

  test('in a handler that is to listen is that of its method', async () => {
    class Feed {}
    class Listening extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      @on(Feed, () => undefined as never) hear(): void {}
    }
    expect(await failureOf(() => startApplication(Listening))).toMatchObject({ phase: 'hear()', path: '' });
  });
});

describe('what ends after the start was given up', () => {
  /** Components whose parts end only when the test says so, whatever they are told. */
  async function late(gate: Gate<void>, journal: Journal): Promise<ComponentClass> {
    class Bad extends Component {
      override async start(): Promise<void> {
        await bad.opened;
      }
    }
    const bad = new Gate();
    bad.fail(new Error('bad'));
    class Provider extends Component {
      @provides(A, { dispose: () => void journal.push('dispose of a') })
      async *a(): AsyncGenerator<string, void, unknown> {
        await gate.opened;
        yield 'a';
        journal.push('undo a');
      }
    }
    class Hooks extends Component {
      override prepare(): void {
        this.context.onTeardown(() => undefined);
      }
      override async *start(): AsyncGenerator<void, void, unknown> {
        await gate.opened;
        const error: unknown = yield;
        journal.push(`undo start: ${(error as Error).message.split('\n')[0]}`);
      }
    }
    class Adding extends Component {
      override async start(): Promise<void> {
        await gate.opened;
        this.context.addResource(B, 'b', { dispose: () => void journal.push('dispose of b') });
      }
    }
    @component({ components: { bad: Bad, provider: Provider, hooks: Hooks, adding: Adding } })
    class App extends Component {}
    return App;
  }

  test('is undone at once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const gate = new Gate();
      const journal = new Journal();
      const reported: unknown[] = [];
      const { app, outcome, start } = await begin(await late(gate, journal), {
        onError: (error) => reported.push(error),
      });
      await vi.advanceTimersByTimeAsync(1000);
      await start;
      expect(outcome.error).toMatchObject({ path: 'bad' });
      expect(app.state).toBe('stopped');
      expect(journal.take()).toEqual([]);
      gate.open();
      await settled();
      expect(journal.take().sort()).toEqual([
        'dispose of a',
        'undo a',
        'undo start: Component `bad` (Bad) failed to start: Error: bad',
      ]);
      // Its context has closed, so it cannot add anything; the application is told.
      expect(reported).toMatchObject([
        { code: 'ERR_COMPONENT_START', path: 'adding', cause: { code: 'ERR_CONTEXT_STATE' } },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is no failure when it ends in time and well', async () => {
    const gate = new Gate();
    const journal = new Journal();
    const { outcome, start } = await begin(await late(gate, journal));
    gate.open();
    await start;
    expect(outcome.error).toMatchObject({ path: 'bad' });
    expect(journal.take().sort()).toEqual([
      'dispose of a',
      'dispose of b',
      'undo a',
      'undo start: Component `bad` (Bad) failed to start: Error: bad',
    ]);
  });

  test('changes no state any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const lateGate = new Gate();
      const undone = new Gate();
      const states: string[] = [];
      class Late extends Component {
        override async start(): Promise<void> {
          await lateGate.opened;
        }
      }
      class Holding extends Component {
        @provides(A) async *a(): AsyncGenerator<string, void, unknown> {
          yield 'a';
          await undone.opened;
        }
      }
      @component({ components: { late: Late, holding: Holding } })
      class App extends Component {}
      const { app, start } = await begin(App);
      app.lifecycle.subscribe((event) => {
        if (event.type === 'component' && event.component.path === 'late') states.push(event.state);
      });
      const stopped = app.stop();
      await vi.advanceTimersByTimeAsync(1000);
      expect(app.state).toBe('stopping');
      lateGate.open();
      await settled();
      undone.open();
      await stopped;
      await start;
      expect(states).toEqual(['stopping', 'stopped']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('of ready is undone as well, and its tasks never begin', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const gate = new Gate();
      const journal = new Journal();
      class Opening extends Component {
        override async *ready(): AsyncGenerator<void, void, unknown> {
          await gate.opened;
          journal.push('open');
          yield;
          journal.push('closed');
        }
        @task() work(): void {
          journal.push('must not run');
        }
      }
      const reported: unknown[] = [];
      const { app, outcome, start } = await begin(Opening, { onError: (error) => reported.push(error) });
      const stopped = app.stop();
      await vi.advanceTimersByTimeAsync(1000);
      await stopped;
      await start;
      expect(outcome.error).toBeInstanceOf(StartCancelledError);
      gate.open();
      await settled();
      expect(journal.take()).toEqual(['open', 'closed']);
      expect(reported).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('dynamic lookups', () => {
  test('wait until somebody publishes the key (A027)', async () => {
    const gate = new Gate();
    const journal = new Journal();
    class Child1 extends Component {
      override async start(): Promise<void> {
        await gate.opened;
        journal.push('add');
        this.context.addResource(A, 'special');
      }
    }
    class Child2 extends Component {
      override async start(): Promise<void> {
        journal.push('wait');
        journal.push(await this.context.getResource(A));
      }
    }
    @component({ components: { child2: Child2, child1: Child1 } })
    class App extends Component {}
    const app = new Application(await planApplication(App));
    app.lifecycle.subscribe((event) => {
      if (event.type === 'waiting') journal.push(`${event.component.path} waits for ${String(event.key.id)}`);
    });
    const started = app.start();
    await settled();
    expect(journal.take()).toEqual(['wait', 'child2 waits for A']);
    expect(app.waiting().map(({ node, keys }) => [node.path, keys.length])).toEqual([
      ['child2', 1],
      ['child1', 0],
    ]);
    gate.open();
    await started;
    expect(journal.take()).toEqual(['add', 'special']);
    await app.stop();
  });

  test('wait for the right name, and for factories as well', async () => {
    const gate = new Gate();
    const seen: unknown[] = [];
    class Waiting extends Component {
      override async start(): Promise<void> {
        seen.push(await Promise.all([this.context.getResource(A, 'other'), this.context.getResource(B)]));
      }
    }
    class Source extends Component {
      override async start(): Promise<void> {
        await gate.opened;
        this.context.addResource(A, 'default');
        await settled();
        expect(seen).toEqual([]);
        this.context.addResource(A, 'named', { name: 'other' });
        this.context.addResourceFactory(B, async () => 'made');
      }
    }
    @component({ components: { waiting: Waiting, source: Source } })
    class App extends Component {}
    const { app, start } = await begin(App);
    gate.open();
    await start;
    expect(seen).toEqual([['named', 'made']]);
    await app.stop();
  });

  test('that are optional or synchronous never wait, nor does any when the application has started', async () => {
    const codes: unknown[] = [];
    class Asking extends Component {
      override async start(): Promise<void> {
        codes.push(this.context.findResource(A));
        codes.push(await failureOf(() => this.context.getResourceSync(A)));
      }
      override async ready(): Promise<void> {
        codes.push(await failureOf(() => this.context.getResource(A)));
      }
    }
    const app = await startApplication(Asking);
    expect(codes).toMatchObject([undefined, { code: 'ERR_RESOURCE_NOT_FOUND' }, { code: 'ERR_RESOURCE_NOT_FOUND' }]);
    await app.stop();
  });

  test('among whom nobody is left to publish end at once, and say who waits for what (B10)', async () => {
    class One extends Component {
      override async start(): Promise<void> {
        await this.context.getResource(B);
        this.context.addResource(A, 'a');
      }
    }
    class Two extends Component {
      override async start(): Promise<void> {
        await this.context.getResource(A, 'other');
        this.context.addResource(B, 'b');
      }
    }
    @component({ components: { one: One, two: Two } })
    class App extends Component {}
    const { outcome, start } = await begin(App, { startTimeout: 0 });
    await start;
    expect(outcome.error).toBeInstanceOf(StartDeadlockError);
    expect((outcome.error as Error).message.replaceAll(/\d\.\d s/g, 'N s')).toMatchInlineSnapshot(`
      "The start cannot go on: every component that has not started waits for a resource
        waiting      one (One): waits for \`B\` since N s
                     two (Two): waits for \`A "other"\` since N s
        help         publish \`B\` before it is waited for, or declare it with @provides so that the order is known
        code         ERR_START_DEADLOCK"
    `);
  });

  test('in a prepare, of what only a child could publish, end as well', async () => {
    class Leaf extends Component {
      override start(): void {
        this.context.addResource(A, 'a');
      }
    }
    @component({ components: { leaf: Leaf } })
    class App extends Component {
      override async prepare(): Promise<void> {
        await this.context.getResource(A);
      }
    }
    const { outcome, start } = await begin(App, { startTimeout: 0 });
    await start;
    expect(outcome.error).toBeInstanceOf(StartDeadlockError);
  });

  test('are no deadlock while another step is at work, be it of the same component', async () => {
    const gate = new Gate();
    class Both extends Component {
      @provides(A) async a(): Promise<string> {
        const [b, c] = await Promise.all([this.context.getResource(B), this.context.getResource(C)]);
        return `a of ${b}${c}`;
      }
      @provides(token<number>('Slow')) async slow(): Promise<number> {
        await gate.opened;
        this.context.addResource(B, 'b');
        this.context.addResource(C, 'c');
        return 1;
      }
    }
    const { outcome, app } = await begin(Both, { startTimeout: 0 });
    expect(outcome).toEqual({});
    gate.open();
    await settled();
    expect(outcome).toEqual({ started: true });
    expect(app.context.getResourceSync(A)).toBe('a of bc');
    await app.stop();
  });

  test('in a start that is given up end with its reason, and are no failures of their own', async () => {
    const gate = new Gate();
    class Bad extends Component {
      override async start(): Promise<void> {
        await gate.opened;
        throw new Error('bad');
      }
    }
    const reasons: unknown[] = [];
    class Waiting extends Component {
      override async start(): Promise<void> {
        try {
          await this.context.getResource(A);
        } catch (reason) {
          reasons.push(reason);
          throw reason;
        }
      }
    }
    class WaitingAgain extends Component {
      override async start(abort: AbortSignal): Promise<void> {
        await new Promise((resolve) => abort.addEventListener('abort', resolve));
        await this.context.getResource(A);
      }
    }
    @component({ components: { bad: Bad, waiting: Waiting, again: WaitingAgain } })
    class App extends Component {}
    const { outcome, start } = await begin(App);
    gate.open();
    await start;
    expect(outcome.error).toMatchObject({ code: 'ERR_COMPONENT_START', path: 'bad' });
    expect(reasons).toEqual([outcome.error]);
  });

  test('make an order for the way back: who found is undone before who published', async () => {
    const journal = new Journal();
    const gate = new Gate();
    class Publishing extends Component {
      override async *start(): AsyncGenerator<void, void, unknown> {
        this.context.addResource(A, 'a');
        yield;
        journal.push('publishing undone');
      }
    }
    class Finding extends Component {
      override async *start(): AsyncGenerator<void, void, unknown> {
        await this.context.getResource(A);
        yield;
        await gate.opened;
        journal.push('finding undone');
      }
    }
    @component({ components: { finding: Finding, publishing: Publishing } })
    class App extends Component {}
    const app = await startApplication(App);
    const stopped = app.stop();
    await settled();
    expect(journal.take()).toEqual([]);
    gate.open();
    await stopped;
    expect(journal.take()).toEqual(['finding undone', 'publishing undone']);
  });

  test('of each other are no obstacle on the way back', async () => {
    const journal = new Journal();
    const met = (publishes: typeof A, finds: typeof A): ComponentClass =>
      class Meeting extends Component {
        override async *start(): AsyncGenerator<void, void, unknown> {
          this.context.addResource(publishes, '');
          await this.context.getResource(finds);
          yield;
          journal.push(`${this.alias} undone`);
        }
      };
    @component({ components: { one: met(A, B), two: met(B, A) } })
    class App extends Component {}
    await (await startApplication(App)).stop();
    expect(journal.take().sort()).toEqual(['one undone', 'two undone']);
  });
});

describe('names of what is published by hand', () => {
  test('are default in prepare, and that of the alias in start, unless said (B15, A026)', async () => {
    class Publishing extends Component {
      override prepare(): void {
        this.context.addResource(A, 'prepared');
        this.context.addResourceFactory(B, () => 'prepared');
      }
      override start(): void {
        this.context.addResource(A, 'started');
        this.context.addResourceFactory([B, C], () => 'started');
        this.context.addResource(A, 'said', { name: 'other' });
        // Lookups are never rewritten.
        expect(this.context.getResourceSync(A)).toBe('prepared');
      }
    }
    @component({ components: { 'publishing/alt': Publishing } })
    class App extends Component {}
    await using app = await startApplication(App);
    const { context } = app;
    expect(context.getResources(A)).toEqual(
      new Map([
        ['default', 'prepared'],
        ['alt', 'started'],
        ['other', 'said'],
      ]),
    );
    expect([context.getResourceSync(B), context.getResourceSync(B, 'alt')]).toEqual(['prepared', 'started']);
    expect(context.getResourceSync(C, 'alt')).toBe('started');
  });
});

describe('a time limit', () => {
  test('that passes is told with who did what, since when, and waited for which key (A021, B10)', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const journal = new Journal();
      const gate = new Gate();
      class Slow extends Component {
        override async start(): Promise<void> {
          await gate.opened;
          journal.push('must not run');
        }
      }
      class Waiting extends Component {
        override async start(): Promise<void> {
          await this.context.getResource(A, 'special');
        }
      }
      @component({ components: { 'slow/one': Slow, waiting: Waiting } })
      class App extends Component {}
      const { outcome, start } = await begin(App, { startTimeout: 5000 });
      await vi.advanceTimersByTimeAsync(4999);
      expect(outcome).toEqual({});
      await vi.advanceTimersByTimeAsync(1);
      await vi.advanceTimersByTimeAsync(1000);
      await start;
      expect(outcome.error).toBeInstanceOf(StartTimeoutError);
      expect((outcome.error as Error).message).toMatchInlineSnapshot(`
        "The application did not start within 5 s
          waiting      slow/one (Slow): starting since 5.0 s
                       waiting (Waiting): waits for \`A "special"\` since 5.0 s
          help         find out why these components take so long, or raise the limit: startTimeout (0 is no limit)
          code         ERR_START_TIMEOUT"
      `);
      expect(journal).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('of 0, or longer than timers count, is none', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      for (const startTimeout of [0, Infinity, 2 ** 40]) {
        const gate = new Gate();
        class Slow extends Component {
          override async start(): Promise<void> {
            await gate.opened;
          }
        }
        const { outcome, app } = await begin(Slow, { startTimeout, stopTimeout: startTimeout });
        expect(vi.getTimerCount()).toBe(0);
        gate.open();
        await settled();
        expect(outcome).toEqual({ started: true });
        await app.stop();
      }
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('stop while the application starts', () => {
  class Slow extends Component {
    override async *start(abort: AbortSignal): AsyncGenerator<void, void, unknown> {
      await new Promise((_, reject) => {
        abort.addEventListener('abort', () => reject(abort.reason as Error));
      });
      yield;
    }
  }

  test('gives the start up, undoes all and tells the reason', async () => {
    const journal = new Journal();
    @component({ components: { done: journal.component('done'), slow: Slow } })
    class App extends Component {}
    const { app, outcome, start } = await begin(App);
    journal.take();
    await app.stop();
    await start;
    expect(outcome.error).toBeInstanceOf(StartCancelledError);
    expect((outcome.error as Error).message).toMatchInlineSnapshot(`
      "The application was stopped before it had started
        code         ERR_START_CANCELLED"
    `);
    const reason = ' (The application was stopped before it had started)';
    expect(journal.take()).toEqual([`undo done start${reason}`, `undo done prepare${reason}`, `done gone${reason}`]);
    await expect(app.finished).rejects.toBe(outcome.error);
  });

  test('makes nothing else begin, whatever ends well', async () => {
    const journal = new Journal();
    class Source extends Component {
      @provides(A) async a(abort: AbortSignal): Promise<string> {
        await new Promise((resolve) => {
          abort.addEventListener('abort', resolve);
        });
        journal.push('a came after all');
        return 'a';
      }
    }
    class Needy extends Component {
      constructor(@inject(A) _a: string) {
        super();
        journal.push('must not run');
      }
    }
    @component({ components: { source: Source, needy: Needy } })
    class App extends Component {}
    const { app, start } = await begin(App);
    await app.stop();
    await start;
    expect(journal.take()).toEqual(['a came after all']);
  });

  test('may be asked for twice, and before anything is undone', async () => {
    const journal = new Journal();
    @component({ components: { done: journal.component('done'), slow: Slow } })
    class App extends Component {}
    const { app, outcome, start } = await begin(App);
    journal.take();
    await Promise.all([app.stop(), app.stop(), app.stop()]);
    await start;
    expect(outcome.error).toBeInstanceOf(StartCancelledError);
    expect(journal.take()[0]).toContain('was stopped before it had started');
  });

  test('because of an error ends it with that error', async () => {
    const { app, outcome, start } = await begin(Slow);
    const reason = new Error('the roof is on fire');
    await app.stop(reason);
    await start;
    expect(outcome.error).toBe(reason);
  });

  test('may be asked for by a component that starts', async () => {
    class Stopping extends Component {
      override async start(): Promise<void> {
        await app.stop();
      }
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const app = new Application(await planApplication(Stopping));
    try {
      const failure = failureOf(() => app.start());
      await vi.advanceTimersByTimeAsync(1000);
      expect(await failure).toBeInstanceOf(StartCancelledError);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('nothing is left', () => {
  test('of a start that succeeds or fails: no listener, no timer', async () => {
    const before = process.listenerCount('beforeExit');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const config = defineConfig({ fails: { doc: 'Fails', format: 'boolean', default: false } });
      @component({ config })
      class Perhaps extends Component<typeof config> {
        override async start(): Promise<void> {
          expect(process.listenerCount('beforeExit')).toBe(before + 1);
          if (this.config.fails) throw new Error('bad');
        }
      }
      const app = await startApplication(Perhaps);
      expect([process.listenerCount('beforeExit'), vi.getTimerCount()]).toEqual([before, 0]);
      await app.stop();
      expect([process.listenerCount('beforeExit'), vi.getTimerCount()]).toEqual([before, 0]);
      @component({ components: { perhaps: child(Perhaps, { fails: true }) } })
      class App extends Component {}
      await failureOf(() => startApplication(App));
      expect([process.listenerCount('beforeExit'), vi.getTimerCount()]).toEqual([before, 0]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('several applications start side by side', async () => {
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
