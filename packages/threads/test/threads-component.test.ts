import { threadId } from 'node:worker_threads';
import { child, Component, component, inject, startApplication } from '@asphalt/core';
import { failureOf, problemsOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { ThreadPool, ThreadPoolClosedError, ThreadsComponent } from '../src/index.ts';
import { release, shared, workUrl, written, type Work } from './use-pool.ts';

test('a pool is a resource, and an alias adds a second pool', async () => {
  @component({ components: { threads: ThreadsComponent, 'threads/images': child(ThreadsComponent, { max: 1 }) } })
  class App extends Component {
    @inject(ThreadPool) readonly threads!: ThreadPool;
    @inject(ThreadPool, 'images') readonly images!: ThreadPool;

    override start(): void {
      expect(this.images).not.toBe(this.threads);
    }
  }
  const application = await startApplication(App);
  const work = await application.context.getResourceSync(ThreadPool, 'images').module<Work>(workUrl);
  expect(await work.thread()).not.toBe(threadId);
  await application.stop();
});

test('options that contradict each other are problems of the plan', async () => {
  @component({ components: { threads: ThreadsComponent } })
  class App extends Component {}
  const problems: string[] = [];
  for (const threads of [{ min: 3, max: 2 }, { max: 0 }, { min: -1 }, { queue: -1 }])
    problems.push(...(await problemsOf(App, { components: { threads } })));
  expect(problems.join('\n').replaceAll(/\n {2}(?:from|code) .*/g, '')).toMatchInlineSnapshot(`
    "\`component.components.threads.max\` must be at least 3, got 2
      help         raise it, or lower \`min\`
    \`component.components.threads.max\` must be at least 1, got 0
    \`component.components.threads.min\` must be at least 0, got -1
    \`component.components.threads.queue\` must be at least 0, got -1"
  `);
  expect(await problemsOf(App, { components: { threads: { min: 3, max: 3, queue: 0 } } })).toEqual([]);
});

test('a stopping application waits for running calls', async () => {
  @component({ components: { threads: ThreadsComponent } })
  class App extends Component {}
  const application = await startApplication(App);
  const work = await application.context.getResourceSync(ThreadPool).module<Work>(workUrl);
  const held = shared();
  const call = work.hold(held);
  await written(held);
  const stopped = application.stop();
  expect(await refusal(() => work.double(1))).toBeInstanceOf(ThreadPoolClosedError);
  release(held);
  expect(await call).toBe('released');
  await stopped;
});

/** Repeats a call until it fails: the teardown reaches the pool after a few turns of the event loop. */
async function refusal(call: () => Promise<unknown>): Promise<unknown> {
  const attempts: Array<Promise<unknown>> = [];
  let failure: { readonly error: unknown } | undefined;
  while (!failure) {
    attempts.push(call().catch((error: unknown) => (failure = { error })));
    await new Promise(setImmediate);
  }
  return failure.error;
}

test('the application does not start with contradictory options', async () => {
  @component({ components: { threads: child(ThreadsComponent, { min: 3, max: 2 }) } })
  class App extends Component {}
  const error = (await failureOf(() => startApplication(App))) as Error;
  expect(error.message).toContain('`component.components.threads.max` must be at least 3');
});
