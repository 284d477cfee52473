import { threadId } from 'node:worker_threads';
import { child, Component, component, inject, startApplication } from '@asphalt/core';
import { failureOf } from '@asphalt/test-support';
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
  expect(error.message).toContain('The thread pool "default" cannot have a `max` of 2');
});
