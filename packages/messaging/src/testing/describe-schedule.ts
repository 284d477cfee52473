/** The contract of the schedules of an engine. Its clock is fake, so the engine must be one that runs in this process. */
import { Component, component, type ComponentClass } from '@asphalt/core';
import { fakeClock, type FakeClock } from '@asphalt/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { schedule, type ScheduleOptions } from '../schedule/schedule.ts';
import type { MessagingContract } from './broker.ts';
import { brokerOf, startReplica } from './replica.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Registers the tests of schedules. Call it once per test file. */
export function describeSchedule(contract: MessagingContract): void {
  const { name, unavailable = false } = contract;
  describe.skipIf(unavailable)(`${unavailable || `a schedule of the ${name} engine`}`, () => {
    plannedTimes(contract);
    overlaps(contract);
  });
}

/** Returns a component whose schedule records the planned times. */
function cleaner(
  expression: string,
  runs: string[],
  options: ScheduleOptions = {},
  work: (planned: Date) => unknown = () => undefined,
): ComponentClass {
  @component({})
  class Cleaner extends Component {
    @schedule(expression, options)
    async clean(planned: Date): Promise<void> {
      runs.push(planned.toISOString());
      await work(planned);
    }
  }
  return Cleaner;
}

function clockAt(time: string): FakeClock {
  const clock = fakeClock(new Date(time));
  onTestFinished(() => clock.restore());
  return clock;
}

function plannedTimes(contract: MessagingContract): void {
  test('three replicas run once per planned time', async () => {
    const broker = await brokerOf(contract);
    const clock = clockAt('2026-05-04T08:59:30Z');
    const runs: string[] = [];
    for (let replica = 0; replica < 3; replica++) {
      await startReplica(broker, { handler: cleaner('*/10 * * * *', runs, { zone: 'UTC' }) });
    }
    await clock.advance(21 * minute);
    expect(runs).toEqual(['2026-05-04T09:00:00.000Z', '2026-05-04T09:10:00.000Z', '2026-05-04T09:20:00.000Z']);
  });

  test.each([
    // The clock skips 02:00 to 03:00.
    ['30 2 * * *', '2026-03-28T12:00:00Z', 2, ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']],
    // The clock shows 02:00 to 03:00 twice.
    ['30 2 * * *', '2026-10-24T12:00:00Z', 2, ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']],
  ])('"%s" after %s runs once per day when the clock changes', async (expression, start, days, expected) => {
    const broker = await brokerOf(contract);
    const clock = clockAt(start);
    const runs: string[] = [];
    await startReplica(broker, { handler: cleaner(expression, runs, { zone: 'Europe/Berlin' }) });
    await clock.advance(days * 24 * hour);
    expect(runs).toEqual(expected);
  });

  test('an hourly schedule follows the elapsed time when the clock changes', async () => {
    const broker = await brokerOf(contract);
    const clock = clockAt('2026-10-24T23:30:00Z');
    const runs: string[] = [];
    await startReplica(broker, { handler: cleaner('0 * * * *', runs, { zone: 'Europe/Berlin' }) });
    await clock.advance(3 * hour);
    expect(runs).toEqual(['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z']);
  });

  test('a failed run is reported once and does not affect the next one', async () => {
    const broker = await brokerOf(contract);
    const clock = clockAt('2026-05-04T08:59:30Z');
    const runs: string[] = [];
    const work = (): void => {
      if (runs.length === 1) throw new TypeError('no disk');
    };
    const { reported } = await startReplica(broker, { handler: cleaner('* * * * *', runs, { zone: 'UTC' }, work) });
    await clock.advance(2 * minute);
    expect(runs).toEqual(['2026-05-04T09:00:00.000Z', '2026-05-04T09:01:00.000Z']);
    expect(reported).toHaveLength(1);
  });
}

function overlaps(contract: MessagingContract): void {
  test.each([
    ['skip', ['2026-05-04T09:00:00.000Z', '2026-05-04T09:03:00.000Z']],
    ['queue', [0, 1, 2, 3].map((at) => `2026-05-04T09:0${at}:00.000Z`)],
  ] as const)('with `overlap: "%s"`, runs of two replicas do not overlap', async (overlap, expected) => {
    const broker = await brokerOf(contract);
    const clock = clockAt('2026-05-04T08:59:30Z');
    const runs: string[] = [];
    let running = 0;
    const overlapped: number[] = [];
    const work = async (): Promise<void> => {
      overlapped.push(++running);
      if (runs.length === 1) await new Promise((resolve) => setTimeout(resolve, 2.5 * minute));
      running--;
    };
    for (let replica = 0; replica < 2; replica++) {
      await startReplica(broker, { handler: cleaner('* * * * *', runs, { zone: 'UTC', overlap }, work) });
    }
    await clock.advance(3.9 * minute);
    expect(runs).toEqual(expected);
    expect(Math.max(...overlapped)).toBe(1);
  });
}
