import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Deferred } from '@asphalt/test-support';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Component,
  inject,
  provides,
  runApplication,
  task,
  token,
  type Application,
  type ComponentClass,
  type Logger,
  type RunOptions,
} from '@asphalt/core';

const A = token<string>('A');

/** Runs an application; returns its exit code, its log lines and its failures. */
async function run(
  root: ComponentClass,
  options: RunOptions = {},
): Promise<{ code: number; lines: string[]; failures: unknown[] }> {
  const lines: string[] = [];
  const failures: unknown[] = [];
  const ignore = (): undefined => undefined;
  const logger: Logger = {
    debug: ignore,
    info: (line) => void lines.push(line),
    warn: (line) => void lines.push(`warn: ${line}`),
    error: (line) => void lines.push(`error: ${line}`),
    child: () => logger,
  };
  const code = await runApplication(root, { logger, onFailure: (error) => failures.push(error), ...options });
  return { code, lines, failures };
}

/** Stops an application as soon as it has started. */
function stopping(application: Application): void {
  application.lifecycle.subscribe((event) => {
    if (event.type === 'application' && event.state === 'started')
      setImmediate(() => void application.stop().catch(() => undefined));
  });
}

describe('runApplication', () => {
  class App extends Component {
    override ready(): void {
      this.context.onTeardown(() => this.logger.info('Teardown callback called'));
    }
  }

  beforeEach(() => vi.stubEnv('NODE_ENV', undefined));
  afterEach(() => vi.unstubAllEnvs());

  test('an application that is stopped exits with 0', async () => {
    expect(await run(App, { onCreated: stopping })).toEqual({
      code: 0,
      lines: [
        'Running in development mode',
        'Starting application',
        'Application started',
        'Teardown callback called',
        'Application stopped',
      ],
      failures: [],
    });
  });

  test('the text of describeStart is part of the start message', async () => {
    const { lines } = await run(App, { onCreated: stopping, describeStart: () => '1 component, at once' });
    expect(lines[2]).toBe('Application started: 1 component, at once');
  });

  test('an application that is stopped with an error before its start fails with that error', async () => {
    const full = new Error('the disk is full');
    const onCreated = async (application: Application): Promise<void> => {
      void application.stop(full).catch(() => undefined);
    };
    expect(await run(App, { onCreated })).toMatchObject({ code: 1, failures: [full] });
  });

  test('an application that is stopped in onCreated fails with an error that names it', async () => {
    const onCreated = async (application: Application): Promise<void> => application.stop(3);
    const { code, lines, failures } = await run(App, { onCreated });
    expect(code).toBe(1);
    expect(failures.map(String)).toEqual([
      'StartCancelledError: The application was stopped by onCreated before it had started\n  code         ERR_START_CANCELLED',
    ]);
    expect(lines.at(-1)).toBe('Application stopped');
  });

  test('the application is stopped if describeStart throws', async () => {
    const broken = new Error('no words');
    let state: () => string = () => 'not made';
    const { code, lines, failures } = await run(App, {
      onCreated: (application) => {
        state = () => application.state;
      },
      describeStart: () => {
        throw broken;
      },
    });
    expect({ code, failures, state: state() }).toEqual({ code: 1, failures: [broken], state: 'stopped' });
    expect(lines).toContain('Teardown callback called');
  });

  test('the first log line names production mode', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect((await run(App, { onCreated: stopping })).lines[0]).toBe('Running in production mode');
  });

  test('an application that fails to start exits with 1 and never logs that it has started', async () => {
    class Bad extends Component {
      override start(): void {
        throw new Error('bad');
      }
    }
    const { code, lines, failures } = await run(Bad);
    expect(code).toBe(1);
    expect(lines).toEqual(['Running in development mode', 'Starting application', 'Application stopped']);
    expect(failures).toMatchObject([{ code: 'ERR_COMPONENT_START' }]);
  });

  test('an application with a problem in its plan exits with 1 before it starts', async () => {
    class Needy extends Component {
      @inject(A) readonly a!: string;
    }
    const { code, lines, failures } = await run(Needy);
    expect([code, lines, failures.length]).toEqual([1, ['Running in development mode'], 1]);
  });

  test('an application whose task crashes exits with 1', async () => {
    class Crashing extends Component {
      @task() async work(): Promise<void> {
        throw new Error('crash');
      }
    }
    const { code, failures } = await run(Crashing);
    expect(code).toBe(1);
    expect(failures).toMatchObject([{ code: 'ERR_TASK_CRASHED' }]);
  });

  test('an application whose teardown fails exits with 1', async () => {
    class Sticky extends Component {
      @provides(A) *a(): Generator<string, void, unknown> {
        yield 'a';
        throw new Error('stuck');
      }
    }
    const { code, failures } = await run(Sticky, { onCreated: stopping });
    expect(code).toBe(1);
    expect(failures).toMatchObject([{ code: 'ERR_STOP' }]);
  });

  test('a failure is logged by default', async () => {
    class Bad extends Component {
      override start(): void {
        throw new Error('bad');
      }
    }
    const lines: string[] = [];
    const ignore = (): undefined => undefined;
    const logger: Logger = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (line) => void lines.push(line),
      child: () => logger,
    };
    expect(await runApplication(Bad, { logger })).toBe(1);
    expect(lines).toMatchInlineSnapshot(`
      [
        "ComponentStartError: The root component (Bad) failed to start: Error: bad
        called in    start() of the root component (Bad)
        code         ERR_COMPONENT_START",
      ]
    `);
  });

  test('no process listener remains after the stop, with or without ownsProcess', async () => {
    const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection', 'beforeExit'];
    const counts = (): number[] => names.map((name) => process.listenerCount(name));
    const before = counts();
    const during: number[][] = [];
    const onCreated = (application: Application): void => {
      application.lifecycle.subscribe((event) => {
        if (event.type === 'application' && event.state === 'starting') during.push(counts());
      });
      stopping(application);
    };
    await run(App, { onCreated });
    await run(App, { onCreated, ownsProcess: true });
    expect(during.map((times) => times.slice(0, 5).map((count, index) => count - before[index]!))).toEqual([
      [0, 0, 0, 0, 0],
      [1, 1, 1, 1, 1],
    ]);
    expect(counts()).toEqual(before);
  });
});

describe('a program that owns its process', () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const program = fileURLToPath(new URL('fixtures/program.ts', import.meta.url));

  /** Runs the program; calls `on` with each line, so that the test can send a signal. */
  async function runProgram(
    args: readonly string[],
    on: (line: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
  ): Promise<{ code: number | null; lines: string[]; errors: string }> {
    const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', program, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      // The package's own tsconfig covers only its sources.
      env: { ...process.env, TSX_TSCONFIG_PATH: 'test/tsconfig.json', NODE_ENV: undefined, NODE_OPTIONS: undefined },
    });
    const lines: string[] = [];
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    const ended = new Deferred<number | null>();
    child.on('close', (code) => ended.resolve(code));
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      on(line, (signal) => child.kill(signal));
    }
    return { code: await ended.promise, lines: lines.slice(1), errors };
  }

  test.each([
    ['SIGINT', 'Interrupt', 0],
    ['SIGTERM', 'Terminated', 0],
    ['SIGHUP', 'Hangup', 129],
  ] as const)('%s (%s) stops the application with exit code %i', async (signal, name, expected) => {
    const { code, lines, errors } = await runProgram(['Serving'], (line, kill) => {
      if (line === 'Application started') kill(signal);
    });
    expect([code, errors]).toEqual([expected, '']);
    expect(lines).toEqual([
      'Starting application',
      'Application started',
      `Received signal (${name}) – terminating application`,
      'undone',
      'Application stopped',
    ]);
  });

  test('a second signal exits immediately with 128 plus the signal number', async () => {
    let repeating: NodeJS.Timeout | undefined;
    const { code, lines } = await runProgram(['SlowToStop'], (line, kill) => {
      if (line === 'Application started') kill('SIGTERM');
      // The first repetitions may be ignored as duplicates.
      if (line === 'hanging') repeating = setInterval(() => kill('SIGINT'), 20);
    });
    clearInterval(repeating);
    expect(code).toBe(130);
    expect(lines.at(-1)).toBe('hanging');
  });

  test('a signal during the start aborts the start with exit code 1', async () => {
    const { code, lines } = await runProgram(['SlowToStart'], (line, kill) => {
      if (line === 'waiting') kill('SIGINT');
    });
    expect(code).toBe(1);
    expect(lines).toEqual([
      'Starting application',
      'waiting',
      'Received signal (Interrupt) – terminating application',
      'error: StartCancelledError: The application was stopped by SIGINT before it had started',
      'undone because of The application was stopped by SIGINT before it had started',
      'Application stopped',
    ]);
  });

  test.each([
    ['Throwing', 'this is uncaught'],
    ['Rejecting', 'this is unhandled'],
  ])('an uncaught error stops the application with exit code 1 (%s)', async (name, message) => {
    const { code, lines } = await runProgram([name]);
    expect(code).toBe(1);
    expect(lines.slice(2)).toEqual([`error: Error: ${message}`, `undone because of ${message}`, 'Application stopped']);
  });

  test('an uncaught error during the stop is logged after the error that ended the application', async () => {
    const { code, lines } = await runProgram(['ThrowingLate']);
    expect(code).toBe(1);
    expect(lines.filter((line) => line.startsWith('error: '))).toEqual([
      'error: TaskCrashError: Task "ThrowingLate.work" failed: Error: crash',
      'error: Error: thrown while stopping',
    ]);
  });

  test('the first of several uncaught errors is logged first', async () => {
    const { code, lines } = await runProgram(['Storm']);
    expect(code).toBe(1);
    expect(lines.filter((line) => /^error: /.test(line))).toEqual([
      'error: Error: first',
      'error: Error: second',
      'error: Error: third',
    ]);
  });

  test('a stop keeps the exit code that the application has set for its process', async () => {
    const { code } = await runProgram(['SettingCode'], (line, kill) => {
      if (line === 'Application started') kill('SIGTERM');
    });
    expect(code).toBe(6);
  });

  test('a failed restart that no code awaits is logged, and the application continues', async () => {
    const { code, lines } = await runProgram(['RestartingBadly'], (line, kill) => {
      if (line.startsWith('error: ')) kill('SIGTERM');
    });
    expect(code).toBe(0);
    expect(lines).toContain('error: Component `fragile` (Fragile) stays stopped because its start failed');
  });

  test('a failed restart that no code awaits ends a process without logger and onError', async () => {
    const { code, errors } = await runProgram(['RestartingBadly', 'start']);
    expect(code).toBe(1);
    expect(errors).toContain('ComponentStartError: Component `fragile` (Fragile) failed to start: Error: fragile');
  });

  test('a start that can never finish exits with 1 and logs the reason', async () => {
    const { code, lines } = await runProgram(['Stalled']);
    expect(code).toBe(1);
    expect(lines).toEqual([
      'Starting application',
      'error: StartStalledError: The application can never start: the event loop is empty',
      'Application stopped',
    ]);
  });

  test('a deadlock of lookups ends the start when the process has no other work', async () => {
    const { code, errors } = await runProgram(['Deadlocked', 'start']);
    expect(code).toBe(1);
    const message = /StartDeadlockError: [^]*?ERR_START_DEADLOCK/.exec(errors)?.[0];
    expect(message?.replaceAll(/\d+\.\d s/g, 'N s')).toMatchInlineSnapshot(`
      "StartDeadlockError: Startup deadlock: every unstarted component is waiting for a resource
        waiting      one (One): waiting for \`B\` for N s
                     two (Two): waiting for \`A "other"\`, \`A\` for N s
        help         publish \`B\` before a component waits for it, or declare it with @provides so that the runtime knows the order
        code         ERR_START_DEADLOCK"
    `);
  });

  test('a lookup in prepare() of a key that only a child publishes is a deadlock', async () => {
    const { code, lines } = await runProgram(['Preparing']);
    expect(code).toBe(1);
    expect(lines).toContain(
      'error: StartDeadlockError: Startup deadlock: every unstarted component is waiting for a resource',
    );
  });

  test('a start in which all components wait for a resource continues while a timer runs that publishes it', async () => {
    const { lines } = await runProgram(['PublishingLate'], (line, kill) => {
      if (line === 'Application started') kill('SIGTERM');
    });
    expect(lines).toContain('Application started');
  });

  test('startApplication rejects with StartStalledError if the start can never finish', async () => {
    const { code, errors } = await runProgram(['Stalled', 'start']);
    expect(code).toBe(1);
    const message = /StartStalledError: [^]*?ERR_START_STALLED/.exec(errors)?.[0];
    expect(message?.replace(/\d+\.\d s/, 'N s')).toMatchInlineSnapshot(`
      "StartStalledError: The application can never start: the event loop is empty
        waiting      (root) (Stalled): starting for N s
        help         find the promise that never settles in these components
        code         ERR_START_STALLED"
    `);
  });
});
