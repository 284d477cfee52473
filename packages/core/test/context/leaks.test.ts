import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/**
 * Opens and closes contexts, and counts their objects, and those of ended subscriptions, that remain in memory. Each
 * context holds one megabyte, so that the heap is full after 100 contexts if one kind of object keeps its context.
 */
const script = `
  import { Context, Signal, token } from '@asphalt/core';

  const application = new Context('application');
  const signal = new Signal();
  class Session {}
  const Own = token('own');
  application.addResourceFactory(Session, async function* () { yield new Session(); });
  const left = { contexts: [], values: [], subscribers: [], streams: [] };

  async function request(number) {
    const context = application.child();
    left.contexts.push(new WeakRef(context));
    context.addResource(Own, new Array(131_072).fill(number));
    left.values.push(new WeakRef(await context.getResource(Session)), new WeakRef(context.getResourceSync(Own)));
    const handle = context.startServiceTask((abort) => new Promise((resolve) => abort.addEventListener('abort', resolve)), { name: 'task' });
    const subscriber = () => context;
    left.subscribers.push(new WeakRef(subscriber));
    signal.pipe(context.until()).subscribe(subscriber);
    const subscription = signal.subscribe(subscriber);
    context.onTeardown(() => subscription.unsubscribe());
    const stream = signal.stream();
    left.streams.push(new WeakRef(stream));
    signal.dispatch(number);
    await stream.next();
    await stream.return();
    await context.close();
    await handle.finished();
  }

  for (let number = 0; number < 200; number++) {
    await request(number);
    // Weak references keep their objects alive until the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  const alive = Object.entries(left).map(([what, refs]) => [what, refs.filter((ref) => ref.deref() !== undefined).length]);
  console.log(JSON.stringify({ ...Object.fromEntries(alive), observed: signal.observed }));
  await application.close();
`;

test('200 closed contexts and their values, tasks and subscriptions are garbage-collected in a heap of 100 MB', async () => {
  const flags = [
    '--max-old-space-size=100',
    '--expose-gc',
    '--conditions=source',
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    script,
  ];
  const core = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: core });
  expect(JSON.parse(stdout)).toEqual({ contexts: 0, values: 0, subscribers: 0, streams: 0, observed: false });
});
