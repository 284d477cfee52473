import { Deferred, errorOf, settled, startUntilIdle } from '@asphalt/test-support';
import { describe, expect, test, vi } from 'vitest';
import {
  component,
  Component,
  ComponentStartError,
  inject,
  on,
  provides,
  StartError,
  startApplication,
  token,
  type ComponentClass,
} from '@asphalt/core';
import { Journal } from './journal.ts';

const A = token<string>('A');
const B = token<string>('B');

describe('a failing start', () => {
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
  ] as const)('a failure in %s is reported with phase, path, class and cause', async (at, phase) => {
    @component({ components: { inner: failing(at) } })
    class Outer extends Component {}
    const failure = (await errorOf(() => startApplication(Outer))) as ComponentStartError;
    expect(failure).toBeInstanceOf(ComponentStartError);
    expect(failure).toMatchObject({ phase, path: 'inner', type: 'Failing', cause: { message: 'component fail' } });
  });

  test('the message names the error, the phase and the path', async () => {
    @component({ components: { inner: failing('constructor') } })
    class Outer extends Component {}
    expect((await errorOf(() => startApplication(Outer))).message).toMatchInlineSnapshot(`
      "Component \`inner\` (Failing) failed to start: Error: component fail
        called in    the constructor of component \`inner\` (Failing)
        path         Outer › inner (Failing)
        code         ERR_COMPONENT_START"
    `);
    expect((await errorOf(() => startApplication(failing('start')))).message).toMatchInlineSnapshot(`
      "The root component (Failing) failed to start: Error: component fail
        called in    start() of the root component (Failing)
        code         ERR_COMPONENT_START"
    `);
    class NoMessage extends Component {
      override start(): void {
        throw new TypeError();
      }
    }
    expect((await errorOf(() => startApplication(NoMessage))).message).toMatchInlineSnapshot(`
      "The root component (NoMessage) failed to start: TypeError
        called in    start() of the root component (NoMessage)
        code         ERR_COMPONENT_START"
    `);
    class NoError extends Component {
      override start(): void {
        throw 'text';
      }
    }
    expect((await errorOf(() => startApplication(NoError))).message).toMatchInlineSnapshot(`
      "The root component (NoError) failed to start: threw a non-Error value: "text"
        called in    start() of the root component (NoError)
        code         ERR_COMPONENT_START"
    `);
  });

  test('an AsphaltError as the cause keeps its explanation and gains its location', async () => {
    class Empty extends Component {
      @provides(A) a(): string {
        return undefined as unknown as string;
      }
    }
    @component({ components: { empty: Empty } })
    class App extends Component {}
    expect((await errorOf(() => startApplication(App))).message).toMatchInlineSnapshot(`
      "\`a()\` returned undefined instead of a \`A\`
        called in    a() of component \`empty\` (Empty)
        path         App › empty (Empty)
        note         null and undefined mean that a resource is absent
        cause        ERR_RESOURCE_VALUE
        help         return a \`A\`
        code         ERR_COMPONENT_START"
    `);
  });

  test('a hook that is a property is reported because the runtime would not call it', async () => {
    class HookProperty extends Component {
      override start = async (): Promise<void> => {};
    }
    expect((await errorOf(() => startApplication(HookProperty))).message).toMatchInlineSnapshot(`
      "\`start\` of HookProperty is a property, but a hook must be a method
        called in    the constructor of the root component (HookProperty)
        note         the runtime must know the hooks before it constructs the component
        cause        ERR_HOOK_PROPERTY
        help         write a method: override async start() { … }
        code         ERR_COMPONENT_START"
    `);
  });

  test('an AbortError without an abort counts as a failure', async () => {
    class Fetching extends Component {
      override async start(): Promise<void> {
        throw new DOMException('The operation was aborted', 'AbortError');
      }
    }
    const failure = await errorOf(() => startApplication(Fetching));
    expect(failure).toBeInstanceOf(ComponentStartError);
    expect(failure).toMatchObject({ phase: 'start()', cause: { name: 'AbortError' } });
  });

  test('a failure aborts running steps, starts no further ones, and undoes everything in reverse order', async () => {
    const journal = new Journal();
    const gate = new Deferred();
    class Bad extends Component {
      override async start(): Promise<void> {
        await gate.promise;
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
    const { app, outcome, start } = await startUntilIdle(App);
    gate.resolve();
    await start;
    expect(outcome.error).toMatchObject({ code: 'ERR_COMPONENT_START', path: 'bad' });
    expect(journal.take()).toEqual(['b came after all', 'undo slow: bad', 'undo a']);
    expect(app.state).toBe('stopped');
    await expect(app.finished).rejects.toBe(outcome.error);
  });

  test('a failure ends the start after the grace period even if another component ignores its abort signal', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const gate = new Deferred();
      class Bad extends Component {
        override async start(): Promise<void> {
          await gate.promise;
        }
      }
      class Deaf extends Component {
        override async start(): Promise<void> {
          await new Promise(() => undefined);
        }
      }
      @component({ components: { deaf: Deaf, bad: Bad } })
      class App extends Component {}
      const { outcome, start } = await startUntilIdle(App, { startTimeout: 0 });
      gate.reject(new Error('bad'));
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

  test('failures of several components form one flat error', async () => {
    const gate = new Deferred();
    class Bad extends Component {
      override async start(): Promise<void> {
        await gate.promise;
        throw new Error(`bad ${this.alias}`);
      }
    }
    @component({ components: { one: Bad, two: Bad } })
    class Middle extends Component {}
    @component({ components: { middle: Middle, three: Bad } })
    class App extends Component {}
    const { outcome, start, app } = await startUntilIdle(App);
    gate.resolve();
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

  test('failing teardowns of an aborted start are reported', async () => {
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
    const failure = (await errorOf(() => startApplication(App))) as StartError;
    expect(failure.message).toMatchInlineSnapshot(`
      "The application did not start: 2 failures
        1. The root component (App) failed to start: Error: bad
             called in    start() of the root component (App)
             code         ERR_COMPONENT_START
        2. 2 failures while the application stopped
             1. component \`fragile\` (Fragile), a teardown callback: Error: start cannot be undone
             2. component \`fragile\` (Fragile), rest of a(): Error: a cannot be undone
             ended by     The root component (App) failed to start: Error: bad
             code         ERR_STOP
        code         ERR_START"
    `);
    expect(failure.errors[0]).toMatchObject({ path: '' });
  });

  test('a handler that cannot subscribe fails with the name of its method as the phase', async () => {
    class Feed {}
    class Listening extends Component {
      @provides(Feed) feed(): Feed {
        return new Feed();
      }
      @on(Feed, () => undefined as never) hear(): void {}
    }
    expect(await errorOf(() => startApplication(Listening))).toMatchObject({ phase: 'hear()', path: '' });
  });
});
