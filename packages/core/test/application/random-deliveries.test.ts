/** Invariants of the acknowledgements of random handlers, in applications that stop at random times. */
import { settled } from '@asphalt/test-support';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { component, Component, on, provides, startApplication, token, type Context } from '@asphalt/core';
import type { HandlerError } from '@asphalt/core/errors';
import { MemoryQueue } from './memory-queue.ts';

/** Behavior of the handler of one event, and of the teardown of its context. */
interface Behavior {
  readonly turns: number;
  readonly end: 'returns' | 'throws' | 'hangs';
}

interface Job {
  readonly id: number;
  readonly handler: Behavior;
  readonly teardown: Behavior;
}

interface Run {
  readonly jobs: readonly Job[];
  readonly concurrency: number;
  readonly attempts: number;
  /** Number of turns after which the application stops. */
  readonly stopAfter: number;
  readonly limitOf: 'application' | 'component';
}

const behavior: fc.Arbitrary<Behavior> = fc.record({
  turns: fc.nat({ max: 4 }),
  end: fc.constantFrom('returns', 'returns', 'returns', 'throws', 'hangs'),
});

const runs: fc.Arbitrary<Run> = fc.record({
  jobs: fc
    .array(fc.record({ handler: behavior, teardown: behavior }), { minLength: 1, maxLength: 10 })
    .map((jobs) => jobs.map((job, id) => ({ id, ...job }))),
  concurrency: fc.integer({ min: 1, max: 4 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  stopAfter: fc.nat({ max: 30 }),
  limitOf: fc.constantFrom('application', 'component'),
});

const Jobs = token<MemoryQueue<Job>>('Jobs');

async function behave({ turns, end }: Behavior, what: string): Promise<void> {
  for (let left = turns; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
  if (end === 'throws') throw new Error(`${what} failed`);
  if (end === 'hangs') await new Promise(() => undefined);
}

/** Runs an application until it has stopped; returns the observations that the invariants are about. */
async function observe({ jobs, concurrency, attempts, stopAfter, limitOf }: Run) {
  const queue = new MemoryQueue<Job>(attempts);
  /** The jobs whose contexts closed without an error, once per context. */
  const committed: Job[] = [];
  const open = new Set<Context>();
  let mostOpen = 0;
  const reported: unknown[] = [];
  @component(limitOf === 'component' ? { stopTimeout: 100 } : {})
  class App extends Component {
    @provides(Jobs) jobs(): MemoryQueue<Job> {
      return queue;
    }
    @on(Jobs, (source) => source, { concurrency })
    async work(job: Job, context: Context): Promise<void> {
      mostOpen = Math.max(mostOpen, open.add(context).size);
      context.onTeardown(async (error) => {
        try {
          await behave(job.teardown, 'teardown');
          if (error === undefined) committed.push(job);
        } finally {
          open.delete(context);
        }
      });
      await behave(job.handler, 'handler');
    }
  }
  const app = await startApplication(App, {
    onError: (error) => reported.push(error),
    ...(limitOf === 'application' && { stopTimeout: 100 }),
  });
  queue.send(...jobs);
  for (let turn = 0; turn < stopAfter; turn++) await new Promise((resolve) => setImmediate(resolve));
  const stopped = Promise.allSettled([app.stop()]);
  // The handlers of random jobs end after fewer turns than these.
  for (let turn = 0; turn < 5; turn++) await settled();
  await vi.advanceTimersByTimeAsync(100);
  for (let turn = 0; turn < 5; turn++) await settled();
  await vi.advanceTimersByTimeAsync(2000);
  await stopped;
  await settled();
  return { queue, committed, open, mostOpen, reported };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a delivery is acknowledged exactly if its context closes without an error', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (run) => {
      const { queue, committed, open, mostOpen, reported } = await observe(run);
      expect(queue.acknowledged).toEqual(committed);
      expect(mostOpen).toBeLessThanOrEqual(run.concurrency);

      // Every job is in one place, unless the teardown of its context hangs.
      const settledJobs = [...queue.acknowledged, ...queue.returned, ...queue.dead, ...queue.waiting.map(eventOf)];
      expect(new Set(settledJobs).size).toBe(settledJobs.length);
      const hanging = run.jobs.filter((job) => !settledJobs.includes(job));
      expect(hanging.every(({ teardown }) => teardown.end === 'hangs')).toBe(true);
      expect(open.size).toBe(hanging.length);

      // The final failure of a job is reported once. The others are failing rollbacks at the limit.
      const failures = reported.map((error) => (error as HandlerError).cause as { endedBy?: { code?: string } });
      const final = failures.filter(({ endedBy }) => endedBy?.code !== 'ERR_DELIVERY_RETURNED');
      expect(final).toHaveLength(queue.dead.length);
      expect(queue.dead.every(({ handler, teardown }) => [handler.end, teardown.end].includes('throws'))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

function eventOf({ event }: { readonly event: Job }): Job {
  return event;
}
