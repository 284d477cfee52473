/** The planned times of a cron expression. The only file that knows croner. */
import { Cron } from 'croner';

/** The times at which a schedule runs. */
export interface Timetable {
  /** Returns the first planned time after a time, or undefined if none exists. */
  next(after: Date): Date | undefined;
  /** Returns the last planned time before a time, or at it; undefined if none exists. */
  latest(until: Date): Date | undefined;
}

/** The times of a cron expression. */
export class CronTimetable implements Timetable {
  readonly #cron: Cron;

  /**
   * @param expression - five fields, six with seconds, or a name such as `@daily`
   * @param zone - an IANA time zone; defaults to that of the process
   * @throws an error when the expression or the zone cannot be used
   */
  constructor(expression: string, zone: string | undefined) {
    // croner would accept a date, which never returns.
    if (/^\d{4}-/.test(expression.trim())) throw new Error('a date is not a schedule');
    this.#cron = new Cron(expression, { paused: true, ...(zone !== undefined && { timezone: zone }) });
    // croner reads the zone only when it computes a time.
    if (this.next(new Date()) === undefined) throw new Error('no such time exists');
  }

  next(after: Date): Date | undefined {
    return this.#cron.nextRun(after) ?? undefined;
  }

  latest(until: Date): Date | undefined {
    // croner returns times before its argument, in whole seconds.
    const [latest] = this.#cron.previousRuns(1, new Date(until.getTime() + 1000));
    if (latest === undefined || latest <= until) return latest;
    return this.#cron.previousRuns(1, latest)[0];
  }
}
