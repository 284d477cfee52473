import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Application,
  Component,
  component,
  inject,
  planApplication,
  provides,
  token,
  type ComponentClass,
} from '@asphalt/core';
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

/** An application that has begun to start, with what is said of it. */
async function begin(root: ComponentClass): Promise<{ said: string[]; end: () => Promise<void> }> {
  const app = new Application(await planApplication(root), { startTimeout: 0 });
  const status = new StartStatus(app.plan);
  const said: string[] = [];
  const notice = new HangNotice(status, (text) => said.push(text));
  app.lifecycle.subscribe((event) => {
    status.take(event);
    if (event.type === 'application' && event.state === 'started') notice.end();
    else notice.gotOn();
  });
  const started = app.start().catch(() => undefined);
  const end = async (): Promise<void> => {
    notice.end();
    const stopped = app.stop().catch(() => undefined);
    await vi.advanceTimersByTimeAsync(20_000);
    await Promise.all([started, stopped]);
  };
  return { said, end };
}

describe('after 3 s in which nothing happened', () => {
  test('a notice says who is at work, who waits for which key, and who waits for them', async () => {
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
    const { said, end } = await begin(App);
    await vi.advanceTimersByTimeAsync(2999);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(said.splice(0).join('\n')).toMatchInlineSnapshot(`
      "Nothing has happened for 3 s while the application starts
      worker waits in start() for Queue "jobs" (which no component declares), Sql (of sql), for 3.00 s
      sql has been in connect() for 3.00 s
      web waits for sql"
    `);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said).toEqual([]);
    await end();
  });

  test('and after it got on, a further one', async () => {
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
    const { said, end } = await begin(App);
    await vi.advanceTimersByTimeAsync(7999);
    expect(said).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(said).toHaveLength(2);
    expect(said[1]).toMatchInlineSnapshot(`
      "Nothing has happened for 3 s while the application starts
      stuck has been in start() for 8.00 s"
    `);
    await end();
  });

  test('long lists are cut short', async () => {
    class Part extends Component {
      override start(): Promise<void> {
        return never();
      }
    }
    @component({ components: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`part/${index}`, Part])) })
    class App extends Component {}
    const { said, end } = await begin(App);
    await vi.advanceTimersByTimeAsync(3000);
    expect(said[0]!.split('\n')).toHaveLength(14);
    expect(said[0]!.split('\n').at(-1)).toBe('and 88 more');
    await end();
  });
});

test('a start that gets on, however slowly, is no matter', async () => {
  class Slow extends Component {
    override async start(): Promise<void> {
      for (let published = 0; published < 5; published++) {
        await new Promise((resolve) => setTimeout(resolve, 2900));
        this.context.addResource(token(`part ${published}`), 'value');
      }
    }
  }
  const { said, end } = await begin(Slow);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(said).toEqual([]);
  await end();
});

test('the command says so as a log line, long before its time limit', async () => {
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
  expect(stdout.replace(/for [\d.]+ s$/m, 'for <time>')).toMatchInlineSnapshot(`
    "INFO  Running in development mode
    INFO  Starting application
    WARN  Nothing has happened for 3 s while the application starts
      App has been in start() for <time>
    INFO  Received signal (Terminated) – terminating application
    INFO  Application stopped
    "
  `);
});
