/** Measures the memory of objects that exist in large numbers. */
import { load, type Loaders, type Workload } from '../harness/workload.ts';
import type { Held } from '../memory/held.ts';

/** Creates `count` objects of each kind. */
interface Kinds {
  components(count: number): Promise<Held>;
  contexts(count: number): Promise<Held>;
  subscribers(count: number): Promise<Held>;
}

const loaders: Loaders<Kinds> = {
  asphalt: () => import('../memory/asphalt.ts'),
  hand: () => import('../memory/hand.ts'),
};

const what = {
  component: 'A started component with one resource, which has a teardown',
  context: 'An open, empty child context',
  subscriber: 'A function that subscribes to a signal',
};

export function memory(kind: keyof typeof what): Workload {
  return {
    name: `memory-${kind}`,
    measures: `${what[kind]}: the growth of the heap for each of 10,000.`,
    unit: 'bytes',
    yardstick: 'hand',
    target: kind === 'context' ? '≤ 300 bytes' : 'stated',
    subjects: [{ name: 'asphalt', package: '@asphalt/core' }, { name: 'hand' }],
    nodeOptions: ['--expose-gc'],
    async sample(subject, effort) {
      const count = effort === 'smoke' ? 5000 : 10_000;
      const kinds = await load(loaders, subject);
      const hold = kinds[`${kind}s`];
      // The first objects load the code that all of them share.
      (await hold(100)).countAlive();
      const before = heapAfterCollection();
      const held = await hold(count);
      const after = heapAfterCollection();
      const alive = held.countAlive();
      if (alive !== count) throw new Error(`${alive} of ${count} are alive`);
      return { value: (after - before) / count };
    },
  };
}

function heapAfterCollection(): number {
  if (!globalThis.gc) throw new Error('Node hides its garbage collector; start it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
