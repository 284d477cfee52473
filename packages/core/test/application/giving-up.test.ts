import { Deferred, errorOf, settled, startUntilIdle } from '@asphalt/test-support';
import { describe, expect, test, vi } from 'vitest';
import {
  Application,
  component,
  Component,
  inject,
  provides,
  startApplication,
  task,
  token,
  type ComponentClass,
} from '@asphalt/core';
import { StartCancelledError, StartTimeoutError } from '@asphalt/core/errors';
import { planApplication } from '@asphalt/core/inspect';
import { Journal } from './journal.ts';

const A = token<string>('A');
const B = token<string>('B');

describe('steps that end after the start was aborted', () => {
  /** Creates components whose steps ignore the abort signal and end only when the test opens the gate. */
  async function late(gate: Deferred<void>, journal: Journal): Promise<ComponentClass> {
    class Bad extends Component {
      override async start(): Promise<void> {
        await bad.promise;
      }
    }
    const bad = new Deferred();
    bad.reject(new Error('bad'));
    class Provider extends Component {
      @provides(A, { dispose: () => void journal.push('dispose of a') })
      async *a(): AsyncGenerator<string, void, unknown> {
        await gate.promise;
        yield 'a';
        journal.push('undo a');
      }
    }
    class Hooks extends Component {
      override prepare(): void {
        this.context.onTeardown(() => undefined);
      }
      override async *start(): AsyncGenerator<void, void, unknown> {
        await gate.promise;
        const error: unknown = yield;
        journal.push(`undo start: ${(error as Error).message.split('\n')[0]}`);
      }
    }
    class Adding extends Component {
      override async start(): Promise<void> {
        await gate.promise;
        this.context.addResource(B, 'b', { dispose: () => void journal.push('dispose of b') });
      }
    }
    @component({ components: { bad: Bad, provider: Provider, hooks: Hooks, adding: Adding } })
    class App extends Component {}
    return App;
  }

  test('a step that ends after the grace period is undone immediately', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const gate = new Deferred();
      const journal = new Journal();
      const reported: unknown[] = [];
      const { app, outcome, start } = await startUntilIdle(await late(gate, journal), {
        onError: (error) => reported.push(error),
      });
      await vi.advanceTimersByTimeAsync(1000);
      await start;
      expect(outcome.error).toMatchObject({ path: 'bad' });
      expect(app.state).toBe('stopped');
      expect(journal.take()).toEqual([]);
      gate.resolve();
      await settled();
      expect(journal.take().sort()).toEqual([
        'dispose of a',
        'undo a',
        'undo start: Component `bad` (Bad) failed to start: Error: bad',
      ]);
      // The context has closed, so it rejects the resource. The application reports the error.
      expect(reported).toMatchObject([
        { code: 'ERR_COMPONENT_START', path: 'adding', cause: { code: 'ERR_CONTEXT_STATE' } },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a step that succeeds within the grace period is undone and is no failure', async () => {
    const gate = new Deferred();
    const journal = new Journal();
    const { outcome, start } = await startUntilIdle(await late(gate, journal));
    gate.resolve();
    await start;
    expect(outcome.error).toMatchObject({ path: 'bad' });
    expect(journal.take().sort()).toEqual([
      'dispose of a',
      'dispose of b',
      'undo a',
      'undo start: Component `bad` (Bad) failed to start: Error: bad',
    ]);
  });

  test('a late step does not change the state of its component', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const lateGate = new Deferred();
      const undone = new Deferred();
      const states: string[] = [];
      class Late extends Component {
        override async start(): Promise<void> {
          await lateGate.promise;
        }
      }
      class Holding extends Component {
        @provides(A) async *a(): AsyncGenerator<string, void, unknown> {
          yield 'a';
          await undone.promise;
        }
      }
      @component({ components: { late: Late, holding: Holding } })
      class App extends Component {}
      const { app, start } = await startUntilIdle(App);
      app.lifecycle.subscribe((event) => {
        if (event.type === 'component' && event.component.path === 'late') states.push(event.state);
      });
      const stopped = app.stop();
      await vi.advanceTimersByTimeAsync(1000);
      expect(app.state).toBe('stopping');
      lateGate.resolve();
      await settled();
      undone.resolve();
      await stopped;
      await start;
      expect(states).toEqual(['stopping', 'stopped']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a late ready() is undone, and its tasks never start', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const gate = new Deferred();
      const journal = new Journal();
      class Opening extends Component {
        override async *ready(): AsyncGenerator<void, void, unknown> {
          await gate.promise;
          journal.push('open');
          yield;
          journal.push('closed');
        }
        @task() work(): void {
          journal.push('must not run');
        }
      }
      const reported: unknown[] = [];
      const { app, outcome, start } = await startUntilIdle(Opening, { onError: (error) => reported.push(error) });
      const stopped = app.stop();
      await vi.advanceTimersByTimeAsync(1000);
      await stopped;
      await start;
      expect(outcome.error).toBeInstanceOf(StartCancelledError);
      gate.resolve();
      await settled();
      expect(journal.take()).toEqual(['open', 'closed']);
      expect(reported).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('startTimeout', () => {
  test('StartTimeoutError lists each waiting component with its state, duration and awaited key', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const journal = new Journal();
      const gate = new Deferred();
      class Slow extends Component {
        override async start(): Promise<void> {
          await gate.promise;
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
      const { outcome, start } = await startUntilIdle(App, { startTimeout: 5000 });
      await vi.advanceTimersByTimeAsync(4999);
      expect(outcome).toEqual({});
      await vi.advanceTimersByTimeAsync(1);
      await vi.advanceTimersByTimeAsync(1000);
      await start;
      expect(outcome.error).toBeInstanceOf(StartTimeoutError);
      expect((outcome.error as Error).message).toMatchInlineSnapshot(`
        "The application did not start within 5 s
          waiting      slow/one (Slow): starting for 5.0 s
                       waiting (Waiting): waiting for \`A "special"\` for 5.0 s
          help         find out why these components are slow, or raise the limit: startTimeout (0 means no limit)
          code         ERR_START_TIMEOUT"
      `);
      expect(journal).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a limit of 0, or beyond the range of timers, is no limit', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      for (const startTimeout of [0, Infinity, 2 ** 40]) {
        const gate = new Deferred();
        class Slow extends Component {
          override async start(): Promise<void> {
            await gate.promise;
          }
        }
        const { outcome, app } = await startUntilIdle(Slow, { startTimeout, stopTimeout: startTimeout });
        expect(vi.getTimerCount()).toBe(0);
        gate.resolve();
        await settled();
        expect(outcome).toEqual({ started: true });
        await app.stop();
      }
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('stop() during the start', () => {
  class Slow extends Component {
    override async *start(abort: AbortSignal): AsyncGenerator<void, void, unknown> {
      await new Promise((_, reject) => {
        abort.addEventListener('abort', () => reject(abort.reason as Error));
      });
      yield;
    }
  }

  test('stop() aborts the start and undoes everything with the reason', async () => {
    const journal = new Journal();
    @component({ components: { done: journal.component('done'), slow: Slow } })
    class App extends Component {}
    const { app, outcome, start } = await startUntilIdle(App);
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

  test('no further step starts after stop(), even if a running step succeeds', async () => {
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
    const { app, start } = await startUntilIdle(App);
    await app.stop();
    await start;
    expect(journal.take()).toEqual(['a came after all']);
  });

  test('several calls of stop() abort the start once', async () => {
    const journal = new Journal();
    @component({ components: { done: journal.component('done'), slow: Slow } })
    class App extends Component {}
    const { app, outcome, start } = await startUntilIdle(App);
    journal.take();
    await Promise.all([app.stop(), app.stop(), app.stop()]);
    await start;
    expect(outcome.error).toBeInstanceOf(StartCancelledError);
    expect(journal.take()[0]).toContain('was stopped before it had started');
  });

  test('start() rejects with the error passed to stop()', async () => {
    const { app, outcome, start } = await startUntilIdle(Slow);
    const reason = new Error('the roof is on fire');
    await app.stop(reason);
    await start;
    expect(outcome.error).toBe(reason);
  });

  test('a component can stop the application during its own start', async () => {
    class Stopping extends Component {
      override async start(): Promise<void> {
        await app.stop();
      }
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const app = new Application(await planApplication(Stopping));
    try {
      const failure = errorOf(() => app.start());
      await vi.advanceTimersByTimeAsync(1000);
      expect(await failure).toBeInstanceOf(StartCancelledError);
    } finally {
      vi.useRealTimers();
    }
  });
});

test('the error of a stop that exceeds its limit names the hanging callbacks and tasks', async () => {
  const never = new Promise<void>(() => undefined);
  @component()
  class Pool extends Component {
    override start(): void {
      this.context.onTeardown(function closePool() {
        return never;
      });
    }
  }
  @component()
  class Worker extends Component {
    @task()
    deaf(): Promise<void> {
      return never;
    }
  }
  @component({ components: { pool: Pool, worker: Worker } })
  class App extends Component {}
  const application = await startApplication(App, { stopTimeout: 30 });
  const error = (await errorOf(() => application.stop())) as Error;
  expect(error.message).toContain('component `worker` (Worker), ready(): task worker.deaf');
  const pool = await startApplication(Pool, { stopTimeout: 30 });
  expect(((await errorOf(() => pool.stop())) as Error).message).toContain('start(): closePool');
});
