import { Context, token } from '@asphalt/core';
import type { TaskCrashError } from '@asphalt/core/errors';
import { Deferred, failureOf, settled, summaryOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

/** A context that records the crashes that an application would receive. */
class Host extends Context {
  readonly crashes: unknown[] = [];

  protected override taskCrashed(error: unknown): void {
    this.crashes.push(error);
  }
}

const Port = token<number>('Port');

/** Work that runs until its signal aborts. */
async function untilAborted(abort: AbortSignal): Promise<void> {
  if (!abort.aborted) await new Promise<void>((resolve) => abort.addEventListener('abort', () => resolve()));
  abort.throwIfAborted();
}

describe('the tasks of a group', () => {
  test('run concurrently, are listed while they run, and have names and start values', async () => {
    const host = new Host();
    const group = host.startTaskGroup({ name: 'mails' });
    const held = new Deferred();
    async function send(): Promise<void> {
      await held.promise;
    }
    const one = group.startTask(send);
    const two = group.startTask(send, { name: 'second' });
    const three = group.startTask(
      async (_abort, context, started: (name: string) => void) => {
        started(context.name);
        await held.promise;
      },
      { name: 'third' },
    );
    expect(group.tasks.map(({ name }) => name)).toEqual(['send', 'second', 'third']);
    expect(await three.started()).toBe('third');
    held.resolve();
    await Promise.all([one.finished(), two.finished()]);
    await group.finished();
    expect([group.name, group.tasks]).toEqual(['mails', []]);
    await host.close();
    expect(host.crashes).toEqual([]);
  });

  test('see the resources that existed when the group was started, and no later ones', async () => {
    const host = new Host();
    host.addResource(Port, 80);
    const group = host.startTaskGroup();
    host.addResource(Port, 81, { name: 'later' });
    const seen: unknown[] = [];
    await group
      .startTask((_abort, context) => seen.push(context.findResource(Port), context.findResource(Port, 'later')))
      .finished();
    expect(seen).toEqual([80, undefined]);
    await host.close();
  });

  test('can start further tasks, even while the group is ending', async () => {
    const host = new Host();
    const group = host.startTaskGroup();
    const held = new Deferred();
    const ended: number[] = [];
    const crawl = async (depth: number): Promise<void> => {
      await held.promise;
      if (depth < 3) group.startTask(() => crawl(depth + 1));
      await settled();
      ended.push(depth);
    };
    group.startTask(() => crawl(0));
    const closed = host.close();
    held.resolve();
    await closed;
    expect(ended.sort()).toEqual([0, 1, 2, 3]);
    expect(host.crashes).toEqual([]);
  });
});

describe('closing the context', () => {
  test('waits for the tasks by default, before older teardowns run', async () => {
    const host = new Host();
    const events: string[] = [];
    host.addResource(Port, 80, { dispose: () => events.push('port') });
    const group = host.startTaskGroup();
    host.onTeardown(() => events.push('newer'));
    const held = new Deferred();
    let aborted: boolean | undefined;
    group.startTask(async (abort, context) => {
      await held.promise;
      aborted = abort.aborted;
      events.push(`task ${context.getResourceSync(Port)}`);
    });
    const closed = host.close();
    await settled();
    expect(events).toEqual(['newer']);
    held.resolve();
    await closed;
    expect([events, aborted]).toEqual([['newer', 'task 80', 'port'], false]);
  });

  test("aborts all tasks of a group with teardown 'abort', including those that they start afterwards", async () => {
    const host = new Host();
    const group = host.startTaskGroup({ teardown: 'abort' });
    const ended: string[] = [];
    for (const name of ['one', 'two']) {
      group.startTask(
        async (abort) => {
          await untilAborted(abort).catch(() => undefined);
          group.startTask((late) => untilAborted(late).catch(() => ended.push(`${name}, late`)));
          ended.push(name);
        },
        { name },
      );
    }
    await host.close();
    expect(ended.sort()).toEqual(['one', 'one, late', 'two', 'two, late']);
    expect(host.crashes).toEqual([]);
  });

  test('calls the teardown function of a group and then waits for its tasks', async () => {
    const host = new Host();
    const held = new Deferred();
    const group = host.startTaskGroup({ teardown: () => held.resolve() });
    let ended = false;
    group.startTask(() => held.promise.then(() => (ended = true)));
    await host.close();
    expect(ended).toBe(true);
  });

  test('ends the group, which then rejects new tasks', async () => {
    const host = new Host('app');
    const group = host.startTaskGroup({ name: 'mails' });
    await host.close();
    expect(await summaryOf(() => group.startTask(() => undefined))).toBe(
      'Cannot start a task in context "mails": it is closed',
    );
    expect(await summaryOf(() => host.startTaskGroup())).toBe(
      'Cannot start a task group in context "app": it is closed',
    );
  });
});

describe('the handle of a task in a group', () => {
  test('aborts only its own task, while the group aborts all running tasks', async () => {
    const host = new Host();
    const group = host.startTaskGroup();
    const reasons: unknown[] = [];
    const keep = async (abort: AbortSignal): Promise<void> => {
      await untilAborted(abort).catch((reason: unknown) => reasons.push(reason));
    };
    const [one, two, three] = [keep, keep, keep].map((work) => group.startTask(work));
    one!.abort('first');
    await one!.finished();
    expect([reasons, group.tasks.length]).toEqual([['first'], 2]);
    group.abort('all');
    await Promise.all([two!.finished(), three!.finished()]);
    expect(reasons).toEqual(['first', 'all', 'all']);
    await host.close();
  });

  test('aborts a task at its first await when it is aborted immediately', async () => {
    const host = new Host();
    const group = host.startTaskGroup();
    const events: string[] = [];
    const handle = group.startTask(async (abort, _context, started: (value: string) => void) => {
      started('running');
      await settled();
      abort.throwIfAborted();
      events.push('finished');
    });
    expect(await handle.started()).toBe('running');
    handle.abort();
    await host.close();
    expect([events, host.crashes]).toEqual([[], []]);
  });
});

describe('a crash of a task in a group', () => {
  const failing = async (): Promise<never> => Promise.reject(new Error('disk full'));

  test('is reported to the application, and the other tasks continue', async () => {
    const host = new Host();
    const group = host.startTaskGroup();
    const held = new Deferred();
    let ended = false;
    group.startTask(() => held.promise.then(() => (ended = true)));
    await group.startTask(failing, { name: 'save' }).finished();
    expect(host.crashes).toEqual([expect.objectContaining({ task: 'save', code: 'ERR_TASK_CRASHED' })]);
    held.resolve();
    await host.close();
    expect(ended).toBe(true);
  });

  test("is passed to the task's handler, then to the group's handler, then to the application", async () => {
    const host = new Host();
    const calls: string[] = [];
    const handler =
      (name: string, handles: boolean) =>
      ({ task }: TaskCrashError): boolean => {
        calls.push(`${name} ${task}`);
        return handles;
      };
    const group = host.startTaskGroup({ onCrash: (crash) => handler('group', crash.task !== 'c')(crash) });
    await group.startTask(failing, { name: 'a', onCrash: handler('own', true) }).finished();
    await group.startTask(failing, { name: 'b', onCrash: handler('own', false) }).finished();
    await group.startTask(failing, { name: 'c' }).finished();
    expect(calls).toEqual(['own a', 'own b', 'group b', 'group c']);
    expect(host.crashes).toEqual([expect.objectContaining({ task: 'c' })]);
    await host.close();
  });

  test('before its start only rejects started() when that is awaited', async () => {
    const host = new Host();
    const group = host.startTaskGroup();
    expect(await failureOf(() => group.startTask(failing, { name: 'save' }).started())).toMatchObject({ task: 'save' });
    expect(host.crashes).toEqual([]);
    await host.close();
  });
});
