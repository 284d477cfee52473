import { Deferred } from '@asphalt/test-support';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  Application,
  CliComponent,
  component,
  Component,
  inject,
  provides,
  runApplication,
  startApplication,
  task,
  token,
  type CliResult,
  type ComponentClass,
  type Logger,
  type RunOptions,
} from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';

const Name = token<string>('Name');

beforeEach(() => vi.stubEnv('NODE_ENV', undefined));
afterEach(() => vi.unstubAllEnvs());

async function run(
  root: ComponentClass,
  options: RunOptions = {},
): Promise<{ code: number; lines: string[]; failures: unknown[] }> {
  const lines: string[] = [];
  const failures: unknown[] = [];
  const say =
    (prefix: string) =>
    (line: string): void =>
      void lines.push(prefix + line);
  const logger: Logger = { debug: say(''), info: say(''), warn: say('warn: '), error: say(''), child: () => logger };
  const code = await runApplication(root, { logger, onFailure: (error) => failures.push(error), ...options });
  return { code, lines, failures };
}

/** Creates a tool with this result. */
function toolGiving(result: unknown): ComponentClass {
  return class Tool extends CliComponent {
    override run(): CliResult {
      this.context.onTeardown(() => this.logger.info('Teardown callback called'));
      return result as CliResult;
    }
  };
}

const usual = [
  'Running in development mode',
  'Starting application',
  'Application started',
  'Teardown callback called',
  'Application stopped',
];

describe('the result of a tool', () => {
  test.each([
    [undefined, 0],
    [0, 0],
    [5, 5],
    [20, 20],
    [127, 127],
    [Promise.resolve(3), 3],
  ])('the result %j sets the exit code %i', async (result, code) => {
    expect(await run(toolGiving(result))).toEqual({ code, lines: usual, failures: [] });
  });

  test.each([
    [128, 'exit code out of range: 128'],
    [-1, 'exit code out of range: -1'],
    [1.5, 'run() must return an integer or nothing, not 1.5'],
    ['foo', 'run() must return an integer or nothing, not string'],
    [null, 'run() must return an integer or nothing, not object'],
  ])('the result %j sets the exit code 1 and logs a warning', async (result, warning) => {
    const { code, lines } = await run(toolGiving(result));
    expect([code, lines.filter((line) => line.startsWith('warn: '))]).toEqual([1, [`warn: ${warning}`]]);
  });

  test('an error in run() sets the exit code 1 and is reported as the cause of the failure', async () => {
    const error = new Error('blah');
    class Tool extends CliComponent {
      override run(): never {
        throw error;
      }
    }
    const { code, failures } = await run(Tool);
    expect([code, failures]).toMatchObject([1, [{ code: 'ERR_TASK_CRASHED', cause: error }]]);
  });
});

test('run() receives its needs after all other components are ready', async () => {
  const order: string[] = [];
  class Names extends Component {
    @provides(Name) name(): string {
      return 'reader';
    }
    override async ready(): Promise<void> {
      order.push('ready');
    }
  }
  @component({ components: { names: Names } })
  class Tool extends CliComponent {
    override async run(abort: AbortSignal, @inject(Name) name: string): Promise<number> {
      order.push(`run for ${name}, ${abort.aborted}`);
      return 4;
    }
  }
  expect((await planApplication(Tool)).problems).toEqual([]);
  expect(await run(Tool)).toMatchObject({ code: 4, failures: [] });
  expect(order).toEqual(['ready', 'run for reader, false']);
});

describe('a tool that is stopped before it finishes', () => {
  const stopWhenRunning = (running: Deferred<void>) => (application: Application) =>
    void running.promise.then(() => setImmediate(() => void application.stop()));

  test('a tool that rejects with the reason of its abort signal exits with 1', async () => {
    const running = new Deferred<void>();
    class Tool extends CliComponent {
      override async run(abort: AbortSignal): Promise<void> {
        running.resolve();
        await new Promise((_, reject) => abort.addEventListener('abort', () => reject(abort.reason)));
      }
    }
    expect(await run(Tool, { onCreated: stopWhenRunning(running) })).toMatchObject({ code: 1, failures: [] });
  });

  test('a tool can return its own exit code after an abort', async () => {
    const running = new Deferred<void>();
    class Tool extends CliComponent {
      override async run(abort: AbortSignal): Promise<number> {
        running.resolve();
        await new Promise<void>((resolve) => abort.addEventListener('abort', () => resolve()));
        return 75;
      }
    }
    expect(await run(Tool, { onCreated: stopWhenRunning(running) })).toMatchObject({ code: 75, failures: [] });
  });

  test('a tool that returns nothing after an abort exits with 1', async () => {
    const running = new Deferred<void>();
    class Tool extends CliComponent {
      override async run(abort: AbortSignal): Promise<void> {
        running.resolve();
        await new Promise<void>((resolve) => abort.addEventListener('abort', () => resolve()));
      }
    }
    expect(await run(Tool, { onCreated: stopWhenRunning(running) })).toMatchObject({ code: 1, failures: [] });
  });

  test('a tool that is restarted does not end the application until it has finished', async () => {
    const started = new Deferred();
    let times = 0;
    class Tool extends CliComponent {
      override async run(abort: AbortSignal): Promise<number> {
        if (++times === 2) return 5;
        started.resolve();
        await new Promise<void>((resolve) => abort.addEventListener('abort', () => resolve()));
        return 3;
      }
    }
    @component({ components: { tool: Tool } })
    class App extends Component {}
    const onCreated = (application: Application): void => void started.promise.then(() => application.restart('tool'));
    expect(await run(App, { onCreated })).toMatchObject({ code: 5, failures: [] });
    expect(times).toBe(2);
  });
});

describe('several tools', () => {
  /** Creates a tool that returns one result, or another one when it is aborted first. */
  function toolOf(result: Promise<number>, ifAborted: number): ComponentClass {
    return class Tool extends CliComponent {
      override async run(abort: AbortSignal): Promise<number> {
        const aborted = new Promise<number>((resolve) => abort.addEventListener('abort', () => resolve(ifAborted)));
        return Promise.race([result, aborted]);
      }
    };
  }
  const never = new Promise<never>(() => undefined);

  test('the first tool that finishes determines the exit code', async () => {
    @component({ components: { first: toolOf(Promise.resolve(3), 1), second: toolOf(never, 9) } })
    class App extends Component {}
    expect(await run(App)).toMatchObject({ code: 3, failures: [] });
  });

  test('the code passed to stop() takes precedence over the results of aborted tools', async () => {
    @component({ components: { first: toolOf(never, 8), second: toolOf(never, 9) } })
    class App extends Component {
      @inject(Application) readonly application!: Application;
      @task() work(): void {
        void this.application.stop(4);
      }
    }
    expect(await run(App)).toMatchObject({ code: 4, failures: [] });
  });
});

describe('a task that stops the application immediately', () => {
  test.each([
    [0, 0],
    [4, 4],
    [undefined, 0],
  ])('stop(%j) ends the application with exit code %i', async (reason, code) => {
    class Stopping extends Component {
      @inject(Application) readonly application!: Application;
      @task() async work(): Promise<void> {
        void this.application.stop(reason);
      }
    }
    const lines = usual.filter((line) => line !== 'Teardown callback called');
    expect(await run(Stopping)).toEqual({ code, failures: [], lines });
  });

  test('a tool that calls stop(3) and returns nothing ends the application with exit code 3', async () => {
    class Tool extends CliComponent {
      @inject(Application) readonly application!: Application;
      override async run(): Promise<void> {
        void this.application.stop(3);
      }
    }
    expect(await run(Tool)).toMatchObject({ code: 3, failures: [] });
  });

  test('no further task starts', async () => {
    const begun: string[] = [];
    class Stopping extends Component {
      @inject(Application) readonly application!: Application;
      @task() first(): void {
        begun.push('first');
        void this.application.stop();
      }
      @task() second(): void {
        begun.push('second');
      }
    }
    @component({ components: { stopping: Stopping } })
    class App extends Component {
      @task() third(): void {
        begun.push('third');
      }
    }
    expect(await run(App)).toMatchObject({ code: 0, failures: [] });
    expect(begun).toEqual(['first']);
  });

  test('a task can restart another component immediately', async () => {
    let starts = 0;
    const restarted = new Deferred();
    class Other extends Component {
      override start(): void {
        starts++;
      }
    }
    class Restarting extends Component {
      @inject(Application) readonly application!: Application;
      @task() async work(): Promise<void> {
        await this.application.restart('other');
        restarted.resolve();
      }
    }
    @component({ components: { restarting: Restarting, other: Other } })
    class App extends Component {}
    await using application = await startApplication(App);
    await restarted.promise;
    expect([starts, application.state]).toEqual([2, 'started']);
  });
});

describe('application.stop(reason)', () => {
  class Service extends Component {}
  const stoppedWith = async (reason: unknown): Promise<unknown> => {
    const onCreated = (application: Application): void => {
      application.lifecycle.subscribe((event) => {
        if (event.type === 'application' && event.state === 'started')
          setImmediate(() => void application.stop(reason).catch(() => undefined));
      });
    };
    const { code, failures } = await run(Service, { onCreated });
    return [code, failures.length];
  };

  test('a number as the reason is the exit code', async () => {
    expect(await stoppedWith(3)).toEqual([3, 0]);
    expect(await stoppedWith(0)).toEqual([0, 0]);
    expect(await stoppedWith(128)).toEqual([1, 0]);
  });

  test('the exit code is 0 without a reason and 1 with an error', async () => {
    expect(await stoppedWith(undefined)).toEqual([0, 0]);
    expect(await stoppedWith(new Error('enough'))).toEqual([1, 1]);
  });

  test('the first stop determines application.exitCode', async () => {
    const application = await startApplication(Service);
    await application.stop(7);
    expect(application.exitCode).toBe(7);
    await application.stop(8);
    expect(application.exitCode).toBe(7);
  });
});
