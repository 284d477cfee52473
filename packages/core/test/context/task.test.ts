import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Context, type TaskOptions, type TeardownError, token } from '@asphalt/core';
import { TaskCrashError, TaskNotStartedError } from '@asphalt/core/errors';
import { Deferred, failureOf, settled } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

/** A context that records the crashes that an application would receive. */
class Host extends Context {
  readonly crashes: unknown[] = [];

  protected override taskCrashed(error: unknown): void {
    this.crashes.push(error);
  }
}

/** Work that runs until its signal aborts and then throws the signal's reason, as most work does. */
async function untilAborted(abort: AbortSignal): Promise<void> {
  await new Promise((_, reject) => abort.addEventListener('abort', () => reject(abort.reason as Error)));
}

describe('closing the context of a task', () => {
  test('aborts the task and waits for it', async () => {
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

  test("only waits for a task with teardown 'wait', without aborting it", async () => {
    const host = new Host();
    const work = new Deferred();
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

  test('calls the teardown function of a task, sync or async, and then waits for the task', async () => {
    for (const end of [
      (work: Deferred) => work.resolve(),
      async (work: Deferred) => (await settled(), work.resolve()),
    ]) {
      const host = new Host();
      const work = new Deferred();
      let ended = false;
      host.startServiceTask(() => work.promise.then(() => (ended = true)), {
        name: 'serve',
        teardown: () => end(work),
      });
      await host.close();
      expect([ended, host.crashes]).toEqual([true, []]);
    }
  });

  test('aborts a task whose teardown function fails, and reports that failure', async () => {
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

  test('ends the task before the resources that existed when it started are disposed of', async () => {
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
  test('sees the resources that existed when the task started, and closes when the task ends', async () => {
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

describe('a task handle', () => {
  test('aborts only its own task', async () => {
    const host = new Host();
    const reason = new Error('no longer needed');
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

  test('can abort a task that has already ended, which does nothing', async () => {
    const host = new Host();
    const handle = host.startServiceTask(() => 'done', { name: 'once' });
    await handle.finished();
    handle.abort();
    await host.close();
    expect(host.crashes).toEqual([]);
  });
});

describe('a crash of a task', () => {
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
  ])('that %s is reported once, with the name of the task, and finished() resolves', async (_, work) => {
    const host = new Host();
    const handle = host.startServiceTask(work, { name: 'poll' });
    await handle.finished();
    expect(host.crashes).toEqual([expect.any(TaskCrashError)]);
    expect(host.crashes[0]).toMatchObject({ task: 'poll', cause: failure });
    await host.close();
    expect(host.crashes).toHaveLength(1);
  });

  test('in a child context is reported to the root context', async () => {
    const host = new Host();
    await host.run((child) => child.startServiceTask(async () => Promise.reject(failure), { name: 'poll' }).finished());
    expect(host.crashes).toHaveLength(1);
  });

  test('is reported if an aborted task throws an error other than its abort reason', async () => {
    const host = new Host();
    host.startServiceTask((abort) => untilAborted(abort).catch(() => Promise.reject(failure)), { name: 'poll' });
    await host.close();
    expect(host.crashes).toEqual([expect.objectContaining({ cause: failure })]);
  });

  class CanceledError extends Error {
    override name = 'CanceledError';
  }

  test.each<[string, (reason: unknown) => unknown]>([
    ['an AbortError', () => new DOMException('aborted', 'AbortError')],
    ['the error class of a library', () => new CanceledError('canceled')],
    ['an error with the code of a library', () => Object.assign(new Error('canceled'), { code: 'ERR_CANCELED' })],
    ['an error whose cause is the reason', (reason) => new Error('poll failed', { cause: reason })],
    ['an error with a deeper cause', (cause) => new Error('failed', { cause: new CanceledError('', { cause }) })],
    ['an AggregateError of aborts', (reason) => new AggregateError([reason, new CanceledError()])],
    ['a text', () => 'stopped'],
    ['nothing', () => undefined],
  ])('is not reported if an aborted task throws %s', async (_, errorFor) => {
    const host = new Host();
    host.startServiceTask((abort) => untilAborted(abort).catch((reason) => Promise.reject(errorFor(reason) as Error)));
    await host.close();
    expect(host.crashes).toEqual([]);
  });

  test.each<[string, (reason: unknown) => Error]>([
    ['an AggregateError with a failure', (reason) => new AggregateError([reason, failure])],
    ['an error whose cause is a failure', () => new Error('poll failed', { cause: failure })],
    ['an error whose cause is a text', () => new Error('poll failed', { cause: 'stopped' })],
  ])('is reported if an aborted task throws %s', async (_, errorFor) => {
    const host = new Host();
    host.startServiceTask((abort) => untilAborted(abort).catch((reason) => Promise.reject(errorFor(reason))));
    await host.close();
    expect(host.crashes).toHaveLength(1);
  });

  test('is reported before the error that onCrash throws', async () => {
    const host = new Host();
    const onCrash = (): never => {
      throw new Error('cannot handle the crash');
    };
    await host.startServiceTask(() => Promise.reject(failure), { name: 'poll', onCrash }).finished();
    expect(host.crashes).toMatchObject([{ cause: failure }, { message: 'cannot handle the crash' }]);
    await host.close();
  });

  test('is reported if a task throws an AbortError without being aborted', async () => {
    const host = new Host();
    await host.startServiceTask(() => AbortSignal.abort().throwIfAborted(), { name: 'poll' }).finished();
    expect(host.crashes).toHaveLength(1);
    await host.close();
  });

  test('ends a process without an application', async () => {
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
  test('resolves every call of started() with the first value', async () => {
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

  test('rejects an awaited started() if the task fails before it, and is then not reported as a crash', async () => {
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

  test('is reported as a crash if the task fails before it and started() was not called', async () => {
    const host = new Host();
    await host.startServiceTask(async () => Promise.reject(new Error('port taken')), { name: 'serve' }).finished();
    expect(host.crashes).toHaveLength(1);
    await host.close();
  });

  test('does not suppress the report of a later crash', async () => {
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

  test('rejects started() with a TaskNotStartedError if the task ends or is aborted before it', async () => {
    const host = new Host();
    const ended = host.startServiceTask(() => undefined, { name: 'ended' });
    const aborted = host.startServiceTask(untilAborted, { name: 'aborted' });
    const errors = Promise.all([ended, aborted].map((handle) => failureOf(() => handle.started())));
    aborted.abort();
    expect(await errors).toEqual([expect.any(TaskNotStartedError), expect.any(TaskNotStartedError)]);
    expect(host.crashes).toEqual([]);
    await host.close();
  });
});

describe('the onCrash handler of a task', () => {
  const failing = async (): Promise<never> => Promise.reject(new Error('disk full'));

  test('handles the crash by returning true, and the application keeps running', async () => {
    const host = new Host();
    const received: unknown[] = [];
    const onCrash = (crash: TaskCrashError): boolean => received.push(crash.task, crash.cause) > 0;
    await host.startServiceTask(failing, { name: 'save', onCrash }).finished();
    expect(received).toEqual(['save', expect.objectContaining({ message: 'disk full' })]);
    expect(host.crashes).toEqual([]);
    await host.close();
  });

  test('passes the crash to the application by returning false or throwing, together with its own error', async () => {
    const host = new Host();
    await host.startServiceTask(failing, { name: 'save', onCrash: () => false }).finished();
    expect(host.crashes).toHaveLength(1);
    const broken = new Error('handler');
    const onCrash = (): boolean => {
      throw broken;
    };
    await host.startServiceTask(failing, { name: 'save', onCrash }).finished();
    expect(host.crashes.slice(1)).toEqual([expect.any(TaskCrashError), broken]);
    await host.close();
  });
});

test('a task has the name of its function by default', async () => {
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

test('an ended task is removed from the teardowns of its context, whose order does not change', async () => {
  const host = new Host();
  const events: string[] = [];
  host.onTeardown(() => events.push('oldest'));
  const below = host.lifetime.teardowns.mark;
  const first = host.startServiceTask(() => undefined, { name: 'first' });
  host.onTeardown(() => events.push('older'));
  const above = host.lifetime.teardowns.mark;
  const second = host.startServiceTask(() => undefined, { name: 'second' });
  host.onTeardown(() => events.push('newer'));
  await Promise.all([first.finished(), second.finished()]);
  const failures = [...(await host.lifetime.unwindTo(above, undefined))];
  expect(events).toEqual(['newer']);
  failures.push(...(await host.lifetime.unwindTo(above, undefined)));
  failures.push(...(await host.lifetime.unwindTo(below, undefined)));
  expect(events).toEqual(['newer', 'older']);
  await host.close();
  expect([events, failures]).toEqual([['newer', 'older', 'oldest'], []]);
});

test('the compiler rejects an unknown teardown', () => {
  // @ts-expect-error -- 'fail' is not a known teardown
  const options: TaskOptions = { name: 'poll', teardown: 'fail' };
  expect(options.name).toBe('poll');
});
