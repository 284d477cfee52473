import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Context } from '../../src/context/context.ts';
import { TaskCrashError, TaskNotStartedError, type TeardownError } from '../../src/context/errors.ts';
import { token } from '../../src/context/key.ts';
import type { TaskOptions } from '../../src/context/task.ts';
import { failureOf } from '../errors/failure-of.ts';
import { Held, settled } from './held.ts';

/** A context that keeps what an application would be told. */
class Host extends Context {
  readonly crashes: unknown[] = [];

  protected override taskCrashed(error: unknown): void {
    this.crashes.push(error);
  }
}

/** Work that goes on until its signal fires, and then fails with the signal's reason as most do. */
async function untilAborted(abort: AbortSignal): Promise<void> {
  await new Promise((_, reject) => abort.addEventListener('abort', () => reject(abort.reason as Error)));
}

describe('the end of its context', () => {
  test('aborts a task and waits for it', async () => {
    const host = new Host();
    const events: string[] = [];
    const handle = host.startServiceTask(
      async (abort) => {
        await untilAborted(abort).catch(() => events.push('aborted'));
        await settled();
        events.push('ended');
      },
      { name: 'poll' },
    );
    host.onTeardown(() => events.push('newer'));
    await host.close();
    expect(events).toEqual(['newer', 'aborted', 'ended']);
    await handle.finished();
    expect([handle.name, host.crashes]).toEqual(['poll', []]);
  });

  test("only waits for a task with teardown 'wait'", async () => {
    const host = new Host();
    const work = new Held();
    let aborted = false;
    host.startServiceTask((abort) => work.promise.then(() => (aborted = abort.aborted)), {
      name: 'drain',
      teardown: 'wait',
    });
    const closed = host.close();
    await settled();
    expect(host.state).toBe('closing');
    work.resolve();
    await closed;
    expect([aborted, host.crashes]).toEqual([false, []]);
  });

  test('calls the teardown of a task that has one, plain or async, and then waits', async () => {
    for (const tell of [(work: Held) => work.resolve(), async (work: Held) => (await settled(), work.resolve())]) {
      const host = new Host();
      const work = new Held();
      let ended = false;
      host.startServiceTask(() => work.promise.then(() => (ended = true)), {
        name: 'serve',
        teardown: () => tell(work),
      });
      await host.close();
      expect([ended, host.crashes]).toEqual([true, []]);
    }
  });

  test('aborts a task whose teardown fails, and tells of that failure', async () => {
    const host = new Host();
    const failure = new Error('no connection');
    let reason: unknown;
    host.startServiceTask((abort) => untilAborted(abort).finally(() => (reason = abort.reason)), {
      name: 'serve',
      teardown: async () => {
        throw failure;
      },
    });
    const error = (await failureOf(() => host.close())) as TeardownError;
    expect([error.errors, reason, host.crashes]).toEqual([[failure], failure, []]);
  });

  test('comes for a task before anything that was there when it started is torn down', async () => {
    const host = new Host();
    const Pool = token<{ open: boolean }>('Pool');
    const pool = { open: true };
    host.addResource(Pool, pool, { dispose: () => void (pool.open = false) });
    let open: boolean | undefined;
    host.startServiceTask(
      async (abort, context) => {
        await untilAborted(abort).catch(() => undefined);
        await settled();
        open = context.getResourceSync(Pool).open;
      },
      { name: 'query' },
    );
    await host.close();
    expect([open, pool.open]).toEqual([true, false]);
  });
});

describe('the context of a task', () => {
  test('sees what was there when the task started, and closes when it ends', async () => {
    const host = new Host('app');
    const Port = token<number>('Port');
    host.addResource(Port, 80);
    const events: unknown[] = [];
    const handle = host.startServiceTask(
      async (_, context) => {
        context.onTeardown((error) => events.push(error));
        await settled();
        events.push(context.name, context.parent, context.findResource(Port), context.findResource(Port, 'later'));
      },
      { name: 'poll' },
    );
    host.addResource(Port, 81, { name: 'later' });
    await handle.finished();
    expect(events).toEqual(['poll', host, 80, undefined, undefined]);
    expect(host.state).toBe('open');
    await host.close();
  });
});

describe('a handle', () => {
  test('aborts its task alone', async () => {
    const host = new Host();
    const reason = new Error('not wanted any more');
    const [one, two] = [1, 2].map((number) => host.startServiceTask(untilAborted, { name: `task ${number}` }));
    let ended = false;
    void two!.finished().then(() => (ended = true));
    one!.abort(reason);
    await one!.finished();
    await settled();
    expect([ended, host.state, host.crashes]).toEqual([false, 'open', []]);
    await host.close();
    expect(ended).toBe(true);
  });

  test('of a task that ended by itself can still be aborted, and its context closes', async () => {
    const host = new Host();
    const handle = host.startServiceTask(() => 'done', { name: 'once' });
    await handle.finished();
    handle.abort();
    await host.close();
    expect(host.crashes).toEqual([]);
  });
});

describe('a crash', () => {
  const failure = new Error('disk full');

  test.each<[string, (abort: AbortSignal, context: Context) => unknown]>([
    [
      'throws at once',
      () => {
        throw failure;
      },
    ],
    ['rejects', async () => Promise.reject(failure)],
    ['rejects later', async () => (await settled(), Promise.reject(failure))],
  ])('of a task that %s is told once, with its name, and the task counts as ended', async (_, work) => {
    const host = new Host();
    const handle = host.startServiceTask(work, { name: 'poll' });
    await handle.finished();
    expect(host.crashes).toEqual([expect.any(TaskCrashError)]);
    expect(host.crashes[0]).toMatchObject({ task: 'poll', cause: failure });
    await host.close();
    expect(host.crashes).toHaveLength(1);
  });

  test('of a task in a child context is told to the outermost one', async () => {
    const host = new Host();
    await host.run((child) => child.startServiceTask(async () => Promise.reject(failure), { name: 'poll' }).finished());
    expect(host.crashes).toHaveLength(1);
  });

  test('is also a failure of its own while it is told to end', async () => {
    const host = new Host();
    host.startServiceTask((abort) => untilAborted(abort).catch(() => Promise.reject(failure)), { name: 'poll' });
    await host.close();
    expect(host.crashes).toEqual([expect.objectContaining({ cause: failure })]);
  });

  test('is an AbortError that nobody asked for', async () => {
    const host = new Host();
    await host.startServiceTask(() => AbortSignal.abort().throwIfAborted(), { name: 'poll' }).finished();
    expect(host.crashes).toHaveLength(1);
    await host.close();
  });

  test('ends a process in which nobody is there to hear of it', async () => {
    const script = `
      import { Context } from '@asphalt/core';
      await Context.run(async (context) => {
        context.startServiceTask(async () => { throw new Error('disk full'); }, { name: 'poll' });
        await new Promise((resolve) => setTimeout(resolve, 10_000));
      });`;
    const run = promisify(execFile)(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script],
      {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
      },
    );
    const error = (await failureOf(() => run)) as { code: number; stderr: string };
    expect(error.code).toBe(1);
    expect(error.stderr).toContain('TaskCrashError: Task "poll" failed: Error: disk full');
  });
});

describe('the start of a task', () => {
  test('hands a value to those who wait for it, then and later', async () => {
    const host = new Host();
    const handle = host.startServiceTask(async (abort, _context, started: (port: number) => void) => {
      await settled();
      started(80);
      started(81);
      await untilAborted(abort);
    });
    expect(await handle.started()).toBe(80);
    expect(await handle.started()).toBe(80);
    await host.close();
    expect(host.crashes).toEqual([]);
  });

  test('that fails is told to who waits for it, and to nobody else', async () => {
    const host = new Host('app');
    const failure = new Error('port taken');
    const handle = host.startServiceTask(
      async (_abort, _context, _started: (port: number) => void) => Promise.reject(failure),
      { name: 'serve' },
    );
    const error = await failureOf(() => handle.started());
    expect(error).toBeInstanceOf(TaskCrashError);
    expect(error).toMatchObject({ task: 'serve', cause: failure });
    await handle.finished();
    expect([host.crashes, host.state]).toEqual([[], 'open']);
    await host.close();
  });

  test('that fails is a crash where nobody waits for it', async () => {
    const host = new Host();
    await host.startServiceTask(async () => Promise.reject(new Error('port taken')), { name: 'serve' }).finished();
    expect(host.crashes).toHaveLength(1);
    await host.close();
  });

  test('keeps nobody from hearing of a later crash', async () => {
    const host = new Host();
    const handle = host.startServiceTask(async (_abort, _context, started: (port: number) => void) => {
      started(80);
      await settled();
      throw new Error('connection lost');
    });
    expect(await handle.started()).toBe(80);
    await handle.finished();
    expect(host.crashes).toEqual([expect.objectContaining({ code: 'ERR_TASK_CRASHED' })]);
    await host.close();
  });

  test('is missed by who waits when the task ends without one, by itself or aborted', async () => {
    const host = new Host();
    const silent = host.startServiceTask(() => undefined, { name: 'silent' });
    const aborted = host.startServiceTask(untilAborted, { name: 'aborted' });
    const errors = Promise.all([silent, aborted].map((handle) => failureOf(() => handle.started())));
    aborted.abort();
    expect(await errors).toEqual([expect.any(TaskNotStartedError), expect.any(TaskNotStartedError)]);
    expect(host.crashes).toEqual([]);
    await host.close();
  });
});

describe('a crash that a handler hears of', () => {
  const failing = async (): Promise<never> => Promise.reject(new Error('disk full'));

  test('is taken by true, and the application goes on', async () => {
    const host = new Host();
    const told: unknown[] = [];
    const onCrash = (crash: TaskCrashError): boolean => told.push(crash.task, crash.cause) > 0;
    await host.startServiceTask(failing, { name: 'save', onCrash }).finished();
    expect(told).toEqual(['save', expect.objectContaining({ message: 'disk full' })]);
    expect(host.crashes).toEqual([]);
    await host.close();
  });

  test('goes on to the application with false; with a failure of the handler, that goes too', async () => {
    const host = new Host();
    await host.startServiceTask(failing, { name: 'save', onCrash: () => false }).finished();
    expect(host.crashes).toHaveLength(1);
    const broken = new Error('handler');
    const onCrash = (): boolean => {
      throw broken;
    };
    await host.startServiceTask(failing, { name: 'save', onCrash }).finished();
    expect(host.crashes.slice(1)).toEqual([broken, expect.any(TaskCrashError)]);
    await host.close();
  });
});

test('a task is called after its function unless it has a name of its own', async () => {
  const host = new Host();
  async function poll(): Promise<void> {}
  const handles = [
    host.startServiceTask(poll),
    host.startServiceTask(poll, { name: 'own' }),
    host.startServiceTask(() => 1),
  ];
  expect(handles.map(({ name }) => name)).toEqual(['poll', 'own', 'an unnamed task']);
  let seen: string | undefined;
  await host
    .startServiceTask(function look(_, context) {
      seen = context.name;
    })
    .finished();
  expect(seen).toBe('look');
  await host.close();
});

test('a task that ended leaves the teardown of its context, and the order of the rest stays', async () => {
  const host = new Host();
  const events: string[] = [];
  host.onTeardown(() => events.push('oldest'));
  const below = host.teardownMark;
  const first = host.startServiceTask(() => undefined, { name: 'first' });
  host.onTeardown(() => events.push('older'));
  const above = host.teardownMark;
  const second = host.startServiceTask(() => undefined, { name: 'second' });
  host.onTeardown(() => events.push('newer'));
  await Promise.all([first.finished(), second.finished()]);
  const failures: unknown[] = [];
  await host.unwindTo(above, undefined, failures);
  expect(events).toEqual(['newer']);
  await host.unwindTo(above, undefined, failures);
  await host.unwindTo(below, undefined, failures);
  expect(events).toEqual(['newer', 'older']);
  await host.close();
  expect([events, failures]).toEqual([['newer', 'older', 'oldest'], []]);
});

test('the compiler refuses a teardown that is neither a word it knows nor a function', () => {
  // @ts-expect-error -- 'fail' is no way to end a task
  const options: TaskOptions = { name: 'poll', teardown: 'fail' };
  expect(options.name).toBe('poll');
});
