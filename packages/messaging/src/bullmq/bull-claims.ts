/**
 * The jobs that this process has claimed and not passed to a handler yet. BullMQ returns the next job with an acknowledgement,
 * which saves a call. At the end of a consumption, they return to the queue.
 */
import { randomUUID } from 'node:crypto';
import type { Worker } from 'bullmq';
import { messageOf, type BullMessage, type JobData } from './bull-message.ts';

export class BullClaims {
  readonly worker: Worker<JobData>;
  readonly #restore: (message: BullMessage) => Promise<void>;
  #ahead: BullMessage[] = [];
  /** Ends the current consumption. */
  #abort: AbortSignal | undefined;
  /** The claim that waits for a job. */
  #waiting: Promise<void> | undefined;
  #arrived: (() => void) | undefined;

  /** @param restore - returns a job to the queue */
  constructor(worker: Worker<JobData>, restore: (message: BullMessage) => Promise<void>) {
    this.worker = worker;
    this.#restore = restore;
  }

  /** Whether a consumption takes further jobs. */
  get areWanted(): boolean {
    return this.#abort?.aborted === false;
  }

  /** Waits for jobs. Returns at most `count`, or none after a while or when `abort` fires. */
  async take(count: number, abort: AbortSignal): Promise<readonly BullMessage[]> {
    if (this.#abort !== abort) this.#startConsumption(abort);
    if (abort.aborted) return [];
    if (this.#ahead.length > 0) return this.#ahead.splice(0, count);
    await this.#wait();
    const taken = this.#ahead.splice(0, count);
    if (taken.length === 0 || abort.aborted) return taken;
    const others = await Promise.all(Array.from({ length: count - taken.length }, () => claim(this.worker, false)));
    return [...taken, ...others.filter((message) => message !== undefined)];
  }

  /** Adds a job that was claimed with an acknowledgement. */
  add(message: BullMessage): void {
    if (!this.areWanted) return void this.#return(message);
    this.#ahead.push(message);
    this.#arrived?.();
  }

  #startConsumption(abort: AbortSignal): void {
    this.#abort = abort;
    const end = (): void => {
      for (const message of this.#ahead.splice(0)) void this.#return(message);
      this.#arrived?.();
    };
    abort.addEventListener('abort', end, { once: true });
  }

  /** Resolves when a job is there, when no job has arrived for a while, or at the end of the consumption. */
  async #wait(): Promise<void> {
    this.#waiting ??= this.#claim();
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    await Promise.race([this.#waiting, arrived]);
    this.#arrived = undefined;
  }

  async #claim(): Promise<void> {
    try {
      const message = await claim(this.worker, true);
      if (message) this.add(message);
    } finally {
      this.#waiting = undefined;
    }
  }

  async #return(message: BullMessage): Promise<void> {
    // Otherwise its lease ends.
    await this.#restore(message).catch(() => undefined);
  }
}

async function claim(worker: Worker<JobData>, block: boolean): Promise<BullMessage | undefined> {
  const token = randomUUID();
  const job = await worker.getNextJob(token, { block });
  return job && messageOf(job, token);
}
