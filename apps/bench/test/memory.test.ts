import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Measures the heap of the built package in a separate process, with full garbage collections in between. */
const script = `
  import { Context, Signal } from '@asphalt/core';

  const heap = () => {
    for (let round = 0; round < 3; round++) gc();
    return process.memoryUsage().heapUsed;
  };
  class Session {}
  const application = new Context('application');
  application.addResourceFactory(Session, () => new Session(), { dispose: () => undefined });
  const closeMany = async (count) => {
    for (let number = 0; number < count; number++) {
      // Paths with parameters result in a new name for each request.
      const context = application.child(number % 2 === 0 ? 'request' : 'request ' + number);
      if (number % 100 === 0) context.getResourceSync(Session);
      await context.close();
    }
  };
  const startMany = async (count) => {
    for (let number = 0; number < count; number++) await application.startServiceTask(() => undefined, { name: 'task' }).finished();
  };
  const signal = new Signal();
  const subscribeMany = (count) => {
    for (let number = 0; number < count; number++) signal.pipe(application.until()).subscribe(() => undefined).unsubscribe();
  };
  // A leak grows in every round. Compiled code, which the engine keeps, does not.
  const leastGrowth = async (work) => {
    let least = Infinity;
    for (let round = 0; round < 3; round++) {
      const before = heap();
      await work();
      least = Math.min(least, heap() - before);
    }
    return least;
  };
  await closeMany(20_000);
  const before = heap();
  await closeMany(1_000_000);
  const closed = heap() - before;
  const tasks = await leastGrowth(() => startMany(10_000));
  const subscriptions = await leastGrowth(() => subscribeMany(10_000));

  const count = 100_000;
  const open = new Array(count).fill(undefined);
  const empty = heap();
  for (let number = 0; number < count; number++) open[number] = application.child('request');
  const perOpen = (heap() - empty) / count;
  for (const context of open) await context.close();
  console.log(JSON.stringify({ closed, tasks, subscriptions, perOpen }));
  await application.close();
`;

test('closed contexts, ended tasks and ended subscriptions use no memory, and an open context is small', async () => {
  const flags = ['--expose-gc', '--input-type=module', '-e', script];
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd });
  const { closed, tasks, subscriptions, perOpen } = JSON.parse(stdout) as Record<string, number>;
  // Keeping one pointer per context would take eight times as much.
  expect(closed).toBeLessThan(1_000_000);
  // Keeping one pointer per task or subscription would take 80,000 bytes.
  expect(tasks).toBeLessThan(80_000);
  expect(subscriptions).toBeLessThan(80_000);
  // The workload `memory-context` has a target of 300 bytes; the margin allows for the timing of the garbage collector.
  expect(perOpen).toBeLessThan(450);
}, 60_000);
