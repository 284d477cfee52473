import { deliveryDecorator, callerOf } from '@asphalt/core/deliveries';
import { ScheduleError } from '../errors.ts';
import { Schedules } from './schedules.ts';
import { CronTimetable, type Timetable } from './timetable.ts';

export interface ScheduleOptions {
  /** The IANA time zone of the expression, such as `Europe/Berlin`. @default the zone of the process */
  readonly zone?: string;
  /**
   * What happens at a planned time while an earlier run has not ended, on any replica: no run, or a run after it. A run that
   * waits for its next attempt has not ended.
   *
   * @default 'skip'
   */
  readonly overlap?: 'skip' | 'queue';
  /**
   * What happens at the start if no replica was running at the last planned time: nothing, or one run for that time. `'once'`
   * needs an engine that remembers the last run.
   *
   * @default 'skip'
   */
  readonly missed?: 'skip' | 'once';
  /** Number of attempts of a run. After the last one, `onError` receives the error. @default 1 */
  readonly attempts?: number;
  /** The name of the `Schedules`. @default 'default' */
  readonly name?: string;
  /** Called instead of the application's `onError` after the last attempt. */
  readonly onError?: (error: unknown, planned: Date) => unknown;
}

/** A decorator of a method whose first parameter takes the planned time. */
export type Scheduled = <M extends (planned: Date, ...rest: never[]) => unknown>(
  prototype: object,
  member: PropertyKey,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Runs a method at planned times, once for each of them on any number of replicas. A run that a crash has ended runs again.
 * The method receives the planned time, and each run has its own context.
 *
 * A clock change affects schedules with one time per day, such as `30 2 * * *`, in this way: a time that does not exist runs
 * after the change, and a time that exists twice runs once. Others, such as `0 * * * *`, follow the elapsed time.
 *
 * @param expression - a cron expression with five fields, with six if the first one is seconds, or a name such as `@daily`
 * @throws {@link ScheduleError} when the expression or an option cannot be used
 * @example
 * @schedule('0 3 * * *', { zone: 'Europe/Berlin' })
 * async clean(planned: Date): Promise<void> { … }
 */
export function schedule(expression: string, options: ScheduleOptions = {}): Scheduled {
  const { zone, overlap = 'skip', missed = 'skip', attempts = 1, name, onError } = options;
  const timetable = timetableOf(expression, zone);
  return deliveryDecorator(
    schedule,
    Schedules,
    (schedules) => schedules.runs(timetable, { overlap, missed, attempts }),
    {
      ...(name !== undefined && { name }),
      ...(onError && { onError }),
    },
  );
}

function timetableOf(expression: string, zone: string | undefined): Timetable {
  try {
    if (zone !== undefined) void new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    const summary = `The time zone "${zone}" of a schedule does not exist`;
    throw new ScheduleError(expression, { summary, help: 'use a name such as Europe/Berlin' }, callerOf(schedule));
  }
  try {
    return new CronTimetable(expression, zone);
  } catch (error) {
    const problem = {
      summary: `"${expression}" is not a schedule`,
      reason: (error as Error).message.split('\n', 1)[0]!,
      help: 'write minute, hour, day, month and weekday, such as "0 3 * * *"',
    };
    throw new ScheduleError(expression, problem, callerOf(schedule));
  }
}
