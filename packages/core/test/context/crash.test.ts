import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Context, TeardownError, token } from '@asphalt/core';
import { TaskCrashError } from '@asphalt/core/errors';
import { Deferred, failureOf, settled } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

const failure = new Error('no connection');

async function crash(): Promise<never> {
  await settled();
  throw failure;
}

/** Never settles. */
const forever = (): Promise<never> => new Promise(() => undefined);

function crashOf(task: string): unknown {
  return expect.objectContaining({ name: 'TaskCrashError', task, cause: failure });
}

describe('a task that crashes in a context without an application', () => {
  test.each([
    ['a service task', (context: Context) => context.startServiceTask(crash)],
    ['a task of a group', (context: Context) => context.startTaskGroup().startTask(crash)],
  ])('as %s closes the context, and run() rejects with its error', async (_, start) => {
    const torn: unknown[] = [];
    let entered: Context | undefined;
    const error = await failureOf(() =>
      Context.run(async (context) => {
        entered = context;
        context.onTeardown((endedBy) => torn.push(endedBy));
        start(context);
        await forever();
      }),
    );
    expect(error).toBeInstanceOf(TaskCrashError);
    expect(error).toEqual(crashOf('crash'));
    expect([torn, entered?.state]).toEqual([[error], 'closed']);
  });

  test('ends the inner runs first, so that no context is left open', async () => {
    const closed: string[] = [];
    const error = await failureOf(() =>
      Context.run(async (outer) => {
        outer.onTeardown(() => closed.push('outer'));
        outer.startServiceTask(crash);
        await outer.run(async (inner) => {
          inner.onTeardown(async () => {
            await settled();
            closed.push('inner');
          });
          await inner.run(async (innermost) => {
            innermost.onTeardown(() => closed.push('innermost'));
            await forever();
          });
        });
      }),
    );
    expect(error).toEqual(crashOf('crash'));
    expect(closed).toEqual(['innermost', 'inner', 'outer']);
  });

  test('ends only the run in which it was started', async () => {
    const result = await Context.run(async (outer) => {
      const error = await failureOf(() =>
        outer.run(async (inner) => {
          inner.startServiceTask(crash);
          await forever();
        }),
      );
      expect(error).toEqual(crashOf('crash'));
      return outer.state;
    });
    expect(result).toBe('open');
  });

  test('ends the other tasks at their place in the teardown order', async () => {
    const Pool = token<{ isOpen: boolean }>('Pool');
    const pool = { isOpen: true };
    const seen: unknown[] = [];
    const error = await failureOf(() =>
      Context.run(async (context) => {
        context.addResource(Pool, pool, { dispose: () => void (pool.isOpen = false) });
        context.startServiceTask(async (abort) => {
          await new Promise((resolve) => abort.addEventListener('abort', resolve));
          await settled();
          seen.push(pool.isOpen);
        });
        context.onTeardown(() => seen.push('newer'));
        context.startServiceTask(crash);
        await forever();
      }),
    );
    expect(error).toEqual(crashOf('crash'));
    expect([seen, pool.isOpen]).toEqual([['newer', true], false]);
  });

  test('is the result even if the body has returned', async () => {
    const gate = new Deferred();
    const error = await failureOf(() =>
      Context.run((context) => {
        context.startServiceTask(() => gate.promise.then(crash), { name: 'late', teardown: () => gate.resolve() });
      }),
    );
    expect(error).toBeInstanceOf(TeardownError);
    expect((error as TeardownError).errors).toEqual([crashOf('late')]);
  });

  test('and a second one, or a body that fails, are all in the error', async () => {
    const other = new Error('other');
    const two = await failureOf(() =>
      Context.run(async (context) => {
        context.startServiceTask(crash, { name: 'first' });
        context.startServiceTask(crash, { name: 'second' });
        await forever();
      }),
    );
    expect(two).toMatchObject({ errors: [crashOf('second')], endedBy: crashOf('first') });
    const body = await failureOf(() =>
      Context.run(async (context) => {
        context.startServiceTask(crash);
        const inner = new Deferred();
        void context
          .run((child) => {
            child.onTeardown(() => inner.resolve());
            child.onTeardown(settled);
            return forever();
          })
          .catch(() => undefined);
        await inner.promise;
        throw other;
      }),
    );
    expect(body).toMatchObject({ errors: [crashOf('crash')], endedBy: other });
  });

  test('passes through contexts that the caller opened, and closes them', async () => {
    let child: Context | undefined;
    const error = await failureOf(() =>
      Context.run(async (context) => {
        child = context.child();
        child.startServiceTask(crash);
        await forever();
      }),
    );
    expect(error).toEqual(crashOf('crash'));
    expect(child?.state).toBe('closed');
  });

  test('in the context of another task makes that one crash', async () => {
    const error = await failureOf(() =>
      Context.run(async (context) => {
        context.startServiceTask(
          async (_abort, own) => {
            own.startServiceTask(crash, { name: 'inner' });
            await forever();
          },
          { name: 'outer' },
        );
        await forever();
      }),
    );
    expect(error).toMatchObject({ task: 'outer', cause: crashOf('inner') });
  });

  test('leaves the context open if onCrash handles it', async () => {
    const state = await Context.run(async (context) => {
      await context.startServiceTask(crash, { onCrash: () => true }).finished();
      await settled();
      return context.state;
    });
    expect(state).toBe('open');
  });

  test('in a context that nothing runs closes it and then ends the process', async () => {
    const script = `
      import { Context } from '@asphalt/core';
      const context = new Context();
      context.onTeardown((error) => console.log('torn down:', error.summary));
      context.startServiceTask(async () => { throw new Error('no connection'); }, { name: 'poll' });
      setInterval(() => undefined, 1000);
    `;
    const flags = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script];
    const core = fileURLToPath(new URL('../..', import.meta.url));
    const ended = await promisify(execFile)(process.execPath, flags, { cwd: core }).then(
      () => ({ code: 0, stdout: '', stderr: '' }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    expect(ended).toMatchObject({
      code: 1,
      stdout: 'torn down: Task "poll" failed: Error: no connection\n',
      stderr: expect.stringContaining('Task "poll" failed: Error: no connection') as string,
    });
  });
});
