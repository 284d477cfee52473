import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Counts the objects of a hundred closed contexts, and of ended subscriptions, that remain in memory. */
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
    context.addResource(Own, { number });
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

  for (let number = 0; number < 100; number++) await request(number);
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  const alive = Object.entries(left).map(([what, refs]) => [what, refs.filter((ref) => ref.deref() !== undefined).length]);
  console.log(JSON.stringify({ ...Object.fromEntries(alive), observed: signal.observed }));
  await application.close();
`;

test('closed contexts and their values, tasks and subscriptions are garbage-collected', async () => {
  const flags = ['--expose-gc', '--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script];
  const core = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: core });
  expect(JSON.parse(stdout)).toEqual({ contexts: 0, values: 0, subscribers: 0, streams: 0, observed: false });
});
