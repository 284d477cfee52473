import { describe, expect, test, vi } from 'vitest';
import {
  Application,
  component,
  Component,
  inject,
  planApplication,
  provides,
  startApplication,
  StartCancelledError,
  StartTimeoutError,
  task,
  token,
  type ComponentClass,
} from '@asphalt/core';
import { failureOf } from '../config/temp-folder.ts';
import { begin } from './begin.ts';
import { Gate, settled } from './gate.ts';
import { Journal } from './journal.ts';

const A = token<string>('A');
const B = token<string>('B');

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

test('a stop that takes too long names the callbacks and tasks that hang', async () => {
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
  const error = (await failureOf(() => application.stop())) as Error;
  expect(error.message).toContain('component `worker` (Worker), ready(): task worker.deaf');
  const pool = await startApplication(Pool, { stopTimeout: 30 });
  expect(((await failureOf(() => pool.stop())) as Error).message).toContain('start(): closePool');
});
