/** Tests of schedules whose engine is a server, with the real clock. */
import { Component, component, type ComponentClass } from '@asphalt/core';
import { describe, expect, test, vi } from 'vitest';
import { schedule, type ScheduleOptions } from '../src/index.ts';
import type { MessagingContract } from '../src/testing/index.ts';
import { brokerOf, startReplica } from '../src/testing/replica.ts';

function cleaner(expression: string, runs: string[], options: ScheduleOptions): ComponentClass {
  @component({})
  class Cleaner extends Component {
    @schedule(expression, options)
    async clean(planned: Date): Promise<void> {
      runs.push(planned.toISOString());
    }
  }
  return Cleaner;
}

/** Registers the tests. Call it once per test file. */
export function describeServerSchedules(contract: MessagingContract): void {
  describe.skipIf(contract.unavailable)(`schedules of the ${contract.name} engine`, () => {
    test('three replicas run once per planned time', async () => {
      const broker = await brokerOf(contract);
      const runs: string[] = [];
      for (let replica = 0; replica < 3; replica++) {
        await startReplica(broker, { handler: cleaner('* * * * * *', runs, { zone: 'UTC' }) });
      }
      await vi.waitFor(() => expect(runs.length).toBeGreaterThanOrEqual(4), { timeout: 10_000 });
      expect(new Set(runs).size).toBe(runs.length);
    });

    test('with `missed: "once"`, the start runs the last time that no replica has run, once', async () => {
      const broker = await brokerOf(contract);
      const runs: string[] = [];
      const options = { zone: 'UTC', missed: 'once' } as const;
      const fresh = await startReplica(broker, { handler: cleaner('0 0 1 1 *', runs, options) });
      const queue = fresh.messaging.exclusiveQueue<string>('schedule-handler-clean', { attempts: 1 }, true);
      await queue.send('2020-01-01T00:00:00.000Z', { key: 'handler.clean@2020-01-01T00:00:00.000Z' });
      await vi.waitFor(() => expect(runs).toEqual(['2020-01-01T00:00:00.000Z']), { timeout: 10_000 });
      await fresh.app.stop();
      const latest = `${new Date().getUTCFullYear()}-01-01T00:00:00.000Z`;
      for (let start = 0; start < 2; start++) {
        const replica = await startReplica(broker, { handler: cleaner('0 0 1 1 *', runs, options) });
        await vi.waitFor(() => expect(runs).toEqual(['2020-01-01T00:00:00.000Z', latest]), { timeout: 10_000 });
        await replica.app.stop();
      }
      expect(runs).toHaveLength(2);
    });
  });
}
