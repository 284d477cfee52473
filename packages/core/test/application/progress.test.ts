import { Deferred, settled, startUntilIdle } from '@asphalt/test-support';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Application,
  Component,
  component,
  Context,
  provides,
  token,
  type ComponentClass,
  type LifecycleEvent,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';

const A = token<string>('A');
const B = token<string>('B');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Starts an application until it waits, and collects its progress events. */
async function observed(
  root: ComponentClass,
): Promise<{ app: Application; events: unknown[]; started: Promise<void> }> {
  const app = new Application(await planApplication(root));
  const events: unknown[] = [];
  app.lifecycle.subscribe((event: LifecycleEvent) => {
    if (event.type === 'progress') events.push([event.component.path, event.step, event.text]);
  });
  const started = app.start();
  await settled();
  return { app, events, started };
}

test('a progress text has one line of at most 200 characters, whatever its type is', async () => {
  const held = new Deferred<void>();
  class Slow extends Component {
    override async start(): Promise<void> {
      this.context.progress(5 as never);
      this.context.progress('😀'.repeat(200));
      this.context.progress(`${'😀'.repeat(200)}.`);
      await held.promise;
    }
  }
  const { app, events, started } = await observed(Slow);
  expect(events.map((event) => (event as readonly unknown[])[2])).toEqual([
    '5',
    '😀'.repeat(200),
    `${'😀'.repeat(199)}…`,
  ]);
  held.resolve();
  await started;
  await app.stop();
});

describe('a start that fails', () => {
  test('StartTimeoutError shows the last progress text of each component, in one line', async () => {
    class Redis extends Component {
      override async start(): Promise<void> {
        this.context.progress('replaced by the next text');
        this.context.progress('127.0.0.1:6379: connection refused,\n  attempt 7');
        await never();
      }
    }
    class Cleared extends Component {
      override async start(): Promise<void> {
        this.context.progress('connecting');
        this.context.progress(undefined);
        await never();
      }
    }
    @component({ components: { redis: Redis, cleared: Cleared } })
    class App extends Component {}
    const { outcome, start } = await startUntilIdle(App, { startTimeout: 5000 });
    await vi.advanceTimersByTimeAsync(6000);
    await start;
    expect((outcome.error as Error).message).toMatchInlineSnapshot(`
      "The application did not start within 5 s
        waiting      redis (Redis): starting for 5.0 s: 127.0.0.1:6379: connection refused, attempt 7
                     cleared (Cleared): starting for 5.0 s
        help         find out why these components are slow, or raise the limit: startTimeout (0 means no limit)
        code         ERR_START_TIMEOUT"
    `);
  });

  test('StartStalledError shows the progress text', async () => {
    class Redis extends Component {
      override async start(): Promise<void> {
        this.context.progress('waiting for a reply');
        await never();
      }
    }
    const { outcome, start } = await startUntilIdle(Redis);
    process.emit('beforeExit', 0);
    await vi.advanceTimersByTimeAsync(1000);
    await start;
    expect((outcome.error as Error).message).toMatchInlineSnapshot(`
      "The application can never start: the event loop is empty
        waiting      (root) (Redis): starting for 0.0 s: waiting for a reply
        help         find the promise that never settles in these components
        code         ERR_START_STALLED"
    `);
  });

  test('StartDeadlockError shows the progress text', async () => {
    class Redis extends Component {
      override async start(): Promise<void> {
        this.context.progress('looking for A');
        await this.context.getResource(A);
      }
    }
    const { outcome, start } = await startUntilIdle(Redis);
    process.emit('beforeExit', 0);
    await vi.advanceTimersByTimeAsync(1000);
    await start;
    expect((outcome.error as Error).message).toMatchInlineSnapshot(`
      "Startup deadlock: every unstarted component is waiting for a resource
        waiting      (root) (Redis): waiting for \`A\` for 0.0 s: looking for A
        help         publish \`A\` before a component waits for it, or declare it with @provides so that the runtime knows the order
        code         ERR_START_DEADLOCK"
    `);
  });

  test('ComponentTimeoutError shows the progress text', async () => {
    @component({ startTimeout: 500 })
    class Redis extends Component {
      override async start(): Promise<void> {
        this.context.progress('127.0.0.1:6379: connection refused, attempt 7');
        await never();
      }
    }
    const { outcome, start } = await startUntilIdle(Redis);
    await vi.advanceTimersByTimeAsync(1500);
    await start;
    expect((outcome.error as Error).message).toMatchInlineSnapshot(`
      "Exceeded the component's start limit of 0.5 s
        called in    start() of the root component (Redis)
        progress     127.0.0.1:6379: connection refused, attempt 7
        cause        ERR_COMPONENT_TIMEOUT
        help         find out why it is slow, or raise startTimeout in its @component()
        code         ERR_COMPONENT_START"
    `);
  });
});

describe('progress events', () => {
  test('an event names the step that reports, and a repeated text emits none', async () => {
    const gate = new Deferred();
    class App extends Component {
      override async start(): Promise<void> {
        this.context.progress('first');
        this.context.progress('first');
        await gate.promise;
        this.context.progress(undefined);
      }
      override async ready(): Promise<void> {
        this.context.progress('almost ready');
        await settled();
      }
    }
    const { app, events, started } = await observed(App);
    const start = app.plan.steps.find(({ kind }) => kind === 'start')!.index;
    gate.resolve();
    await started;
    expect(events).toEqual([
      ['', start, 'first'],
      ['', start, undefined],
      ['', 'ready', 'almost ready'],
    ]);
    await app.stop();
  });

  test('an event names no step while several steps of the component run', async () => {
    const gate = new Deferred();
    class App extends Component {
      @provides(A)
      async a(): Promise<string> {
        await gate.promise;
        this.context.progress('one of two');
        return 'a';
      }
      @provides(B)
      async b(): Promise<string> {
        await gate.promise;
        return 'b';
      }
    }
    const { app, events, started } = await observed(App);
    gate.resolve();
    await started;
    expect(events).toEqual([['', undefined, 'one of two']]);
    await app.stop();
  });
});

describe('a text that is not shown', () => {
  test('the text ends with the last running step of the component', async () => {
    class App extends Component {
      @provides(A)
      async a(): Promise<string> {
        this.context.progress('connecting');
        await settled();
        return 'a';
      }
      override async start(): Promise<void> {
        await never();
      }
    }
    const { outcome, start } = await startUntilIdle(App, { startTimeout: 5000 });
    await vi.advanceTimersByTimeAsync(6000);
    await start;
    expect((outcome.error as Error).message).toContain('(root) (App): starting for 5.0 s\n');
  });

  test('a context without a component ignores the text, and so does a component without a running step', async () => {
    let own!: Context;
    class App extends Component {
      override async start(): Promise<void> {
        own = this.context;
        this.context.child('request').progress('of a request');
        await settled();
      }
    }
    const { app, events, started } = await observed(App);
    await started;
    own.progress('after the start');
    new Context().progress('of a root context');
    expect(events).toEqual([]);
    await app.stop().catch(() => undefined);
  });
});
