/** Calls a function at each planned time of a timetable. */
import { callAfter } from '@asphalt/core';
import type { Timetable } from './timetable.ts';

/** A run whose process was suspended for longer than this was missed. Other replicas have run it. */
const graceMs = 60_000;

export interface TimerOptions {
  /** Whether to plan the last time before the start, too. */
  readonly catchUp: boolean;
  /** Receives the errors of planning. */
  readonly failed: (error: unknown) => void;
}

export class ScheduleTimer {
  readonly #timetable: Timetable;
  readonly #plan: (planned: Date, isMissed: boolean) => Promise<void>;
  readonly #options: TimerOptions;
  #planning: Promise<void>;
  #cancel: (() => void) | undefined;

  constructor(timetable: Timetable, plan: (planned: Date, isMissed: boolean) => Promise<void>, options: TimerOptions) {
    this.#timetable = timetable;
    this.#plan = plan;
    this.#options = options;
    const now = new Date();
    const last = options.catchUp ? timetable.latest(now) : undefined;
    this.#planning = last === undefined ? Promise.resolve() : this.#tryToPlan(last, true);
    this.#schedule(now);
  }

  /** Plans no more. Resolves when the last call has ended. */
  async stop(): Promise<void> {
    this.#cancel?.();
    await this.#planning;
  }

  #schedule(after: Date): void {
    const planned = this.#timetable.next(after);
    if (planned === undefined) return;
    this.#cancel = callAfter(Math.max(0, planned.getTime() - Date.now()), () => this.#due(planned));
  }

  #due(planned: Date): void {
    const now = new Date();
    // A timer can fire early, because the clock of the system is adjusted.
    if (now < planned) return this.#schedule(new Date(planned.getTime() - 1000));
    const latest = this.#timetable.latest(now) ?? planned;
    const isMissed = now.getTime() - latest.getTime() > graceMs;
    if (!isMissed) this.#planning = this.#planning.then(() => this.#tryToPlan(latest, false));
    else if (this.#options.catchUp) this.#planning = this.#planning.then(() => this.#tryToPlan(latest, true));
    this.#schedule(now);
  }

  async #tryToPlan(planned: Date, isMissed: boolean): Promise<void> {
    try {
      await this.#plan(planned, isMissed);
    } catch (error) {
      this.#options.failed(error);
    }
  }
}
