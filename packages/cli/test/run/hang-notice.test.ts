import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Application, Component, component, inject, provides, token, type ComponentClass } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { HangNotice } from '../../src/run/hang-notice.ts';
import { StartStatus } from '../../src/run/start-status.ts';
import { appWith, start, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const Sql = token<string>('Sql');
const Queue = token<string>('Queue');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Starts an application and collects the notices about it. */
async function begin(root: ComponentClass): Promise<{ notices: string[]; end: () => Promise<void> }> {
  const app = new Application(await planApplication(root), { startTimeout: 0 });
  const status = new StartStatus(app.plan);
  const notices: string[] = [];
  const notice = new HangNotice(
    () => status,
    (text) => notices.push(text),
  );
  app.lifecycle.subscribe((event) => {
    status.take(event);
    if (event.type === 'application' && event.state === 'started') notice.end();
    else notice.take(event);
  });
  const started = app.start().catch(() => undefined);
  const end = async (): Promise<void> => {
    notice.end();
    const stopped = app.stop().catch(() => undefined);
    await vi.advanceTimersByTimeAsync(20_000);
    await Promise.all([started, stopped]);
  };
  return { notices, end };
}

describe('after 3 s without progress', () => {
  test('a notice lists running components, the keys that they wait for, and waiting components', async () => {
    class SqlComponent extends Component {
      @provides(Sql)
      connect(): Promise<string> {
        return never();
      }
    }
    class Worker extends Component {
      override async start(): Promise<void> {
        await Promise.all([this.context.getResource(Queue, 'jobs'), this.context.getResource(Sql)]);
      }
    }
    class Web extends Component {
      @inject(Sql) readonly sql!: string;
    }
    @component({ components: { web: Web, worker: Worker, sql: SqlComponent } })
    class App extends Component {}
    const { notices, end } = await begin(App);
    await vi.advanceTimersByTimeAsync(2999);
    expect(notices).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(notices.splice(0).join('\n')).toMatchInlineSnapshot(`
      "No startup progress for 3 s
      worker has been waiting in start() for Queue "jobs" (which no component declares), Sql (provided by sql), for 3.00 s
      sql has been in connect() for 3.00 s
      web is waiting for sql"
    `);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(notices).toEqual([]);
    await end();
  });

  test('another notice follows when progress stops again', async () => {
    class Slow extends Component {
      override async start(): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 5000));
      }
    }
    class Stuck extends Component {
      override start(): Promise<void> {
        return never();
      }
    }
    @component({ components: { slow: Slow, stuck: Stuck } })
    class App extends Component {}
    const { notices, end } = await begin(App);
    await vi.advanceTimersByTimeAsync(7999);
    expect(notices).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(notices).toHaveLength(2);
    expect(notices[1]).toMatchInlineSnapshot(`
      "No startup progress for 3 s
      stuck has been in start() for 8.00 s"
    `);
    await end();
  });

  test('no notice repeats that all components wait for resources, which the application logs', async () => {
    class Waits extends Component {
      override async start(): Promise<void> {
        await this.context.getResource(Queue, 'jobs');
      }
    }
    @component({ components: { 'waits/one': Waits, 'waits/two': Waits } })
    class App extends Component {}
    const { notices, end } = await begin(App);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(notices).toEqual([]);
    await end();
  });

  test('the notice contains the progress text of a component, whose changes do not delay it', async () => {
    class Redis extends Component {
      override async start(): Promise<void> {
        for (let attempt = 1; ; attempt++) {
          this.context.progress(`127.0.0.1:6379: connection refused, attempt ${attempt}\x1b[2J`);
          await new Promise((resolve) => setTimeout(resolve, 1000));
        }
      }
    }
    const { notices, end } = await begin(Redis);
    await vi.advanceTimersByTimeAsync(3000);
    expect(notices.splice(0).join('\n')).toMatchInlineSnapshot(`
      "No startup progress for 3 s
      Redis has been in start() for 3.00 s: 127.0.0.1:6379: connection refused, attempt 3\\x1b[2J"
    `);
    await end();
  });

  test('the notice truncates long lists', async () => {
    class Piece extends Component {
      override start(): Promise<void> {
        return never();
      }
    }
    @component({ components: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`part/${index}`, Piece])) })
    class App extends Component {}
    const { notices, end } = await begin(App);
    await vi.advanceTimersByTimeAsync(3000);
    expect(notices[0]!.split('\n')).toHaveLength(14);
    expect(notices[0]!.split('\n').at(-1)).toBe('and 88 more');
    await end();
  });
});

test('a slow start with regular progress causes no notice', async () => {
  class Slow extends Component {
    override async start(): Promise<void> {
      for (let published = 0; published < 5; published++) {
        await new Promise((resolve) => setTimeout(resolve, 2900));
        this.context.addResource(token(`part ${published}`), 'value');
      }
    }
  }
  const { notices, end } = await begin(Slow);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(notices).toEqual([]);
  await end();
});

test('`asphalt run` logs the notice long before the start limit', async () => {
  vi.useRealTimers();
  const app = `
import { Component } from '@asphalt/core';
export class App extends Component {
  start(abort) {
    const busy = setInterval(() => undefined, 1000);
    return new Promise((_, reject) => abort.addEventListener('abort', () => {
      clearInterval(busy);
      reject(abort.reason);
    }));
  }
}
`;
  const running = start(appWith({ 'app.js': app }), ['run', '--set', 'component.type=./app.js:App']);
  const { stdout } = await (await running.until('App has been in')).send('SIGTERM').ended;
  expect(stdout.replaceAll(/for [\d.]+ s$/gm, 'for <time>')).toMatchInlineSnapshot(`
    "INFO  Running in development mode
    INFO  Starting application
    WARN  No startup progress for <time>
      App has been in start() for <time>
    INFO  Received signal (Terminated) – terminating application
    INFO  Application stopped
    "
  `);
});
