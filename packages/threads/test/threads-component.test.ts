import { threadId } from 'node:worker_threads';
import { child, Component, component, inject, startApplication } from '@asphalt/core';
import { expect, test } from 'vitest';
import { ThreadPool, ThreadPoolClosedError, ThreadsComponent } from '../src/index.ts';
import { failureOf, release, shared, workUrl, written, type Work } from './use-pool.ts';

test('a pool is a resource, and an alias makes a second one', async () => {
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

test('an application that stops waits for the calls that run', async () => {
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

/** What a call fails with, once it fails: the teardown takes a few turns of the event loop to reach the pool. */
async function refusal(call: () => Promise<unknown>): Promise<unknown> {
  const attempts: Array<Promise<unknown>> = [];
  let failure: { readonly error: unknown } | undefined;
  while (!failure) {
    attempts.push(call().catch((error: unknown) => (failure = { error })));
    await new Promise(setImmediate);
  }
  return failure.error;
}

test('options that contradict each other keep the application from starting', async () => {
  @component({ components: { threads: child(ThreadsComponent, { min: 3, max: 2 }) } })
  class App extends Component {}
  const error = (await failureOf(() => startApplication(App))) as Error;
  expect(error.message).toContain('The thread pool "default" cannot have a `max` of 2');
});
