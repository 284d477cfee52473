/**
 * A queue of BullMQ. It claims jobs one by one instead of passing a processor to BullMQ's worker, because the shared code
 * decides about retries and dead letters. The stalled jobs of crashed processes are those of BullMQ.
 */
import { InFlight, late, within, type Retry } from '@asphalt/integration';
import type { JobJson, Queue, QueueOptions, Worker } from 'bullmq';
import type {
  DeadEnvelope,
  Envelope,
  Failure,
  QueueState,
  QueueStore,
  Sending,
  StoreSettings,
} from '../engine/engine.ts';
import { BullClaims } from './bull-claims.ts';
import { dataOf, letterOf, messageOf, type BullJob, type BullMessage, type JobData } from './bull-message.ts';

/** BullMQ with a database, for the queue of one name. */
export interface BullFactory {
  queue(name: string, options: Omit<QueueOptions, 'connection'>): Queue<JobData>;
  worker(name: string, options: object): Worker<JobData>;
  /** Reads a job that was claimed with an acknowledgement. */
  job(worker: Worker<JobData>, data: JobJson, id: string): BullJob;
  /** Prepares the database. Called before a queue or a worker is created. */
  prepare(): Promise<unknown>;
  /** Time limit for one call, in milliseconds. BullMQ itself waits until the server is available. */
  readonly timeoutMs: number;
}

/** Longest time for which a worker waits for a job in one call, in seconds. Connections time out later. */
const waitSeconds = 1;

export class BullQueue implements QueueStore<BullMessage> {
  readonly #factory: BullFactory;
  readonly #name: string;
  readonly #settings: StoreSettings;
  readonly #calls = new InFlight();
  #queue: Promise<Queue<JobData>> | undefined;
  #claims: Promise<BullClaims> | undefined;

  constructor(factory: BullFactory, name: string, settings: StoreSettings) {
    this.#factory = factory;
    this.#name = name;
    this.#settings = settings;
  }

  async send(envelope: Envelope, { delayMs, key }: Sending): Promise<void> {
    const { keepMs, exclusive } = this.#settings;
    // A schedule remembers its last runs.
    const kept = exclusive ? { count: 100 } : { age: Math.ceil(keepMs / 1000) };
    await this.#call((queue) =>
      queue.add(this.#name, dataOf(envelope, key), {
        ...(key !== undefined && { jobId: jobIdOf(key) }),
        ...(delayMs > 0 && { delay: delayMs }),
        removeOnComplete: key === undefined ? true : kept,
      }),
    );
  }

  async fetch(count: number, abort: AbortSignal): Promise<readonly BullMessage[]> {
    const claims = await this.#startedClaims();
    return claims.take(count, abort);
  }

  async acknowledge({ job, token }: BullMessage): Promise<void> {
    const claims = await this.#claims;
    const wantsNext = claims?.areWanted === true;
    const [data, id] = (await this.#limited(job.moveToCompleted(true, token, wantsNext))) ?? [];
    if (claims && data) claims.add(messageOf(this.#factory.job(claims.worker, data as JobJson, String(id)), token));
  }

  async retry({ job, token }: BullMessage, { delayMs, counts }: Retry): Promise<void> {
    if (!counts) await this.#limited(job.updateData({ ...job.data, uncounted: (job.data.uncounted ?? 0) + 1 }));
    const moving: Promise<unknown> =
      delayMs > 0 ? job.moveToDelayed(Date.now() + delayMs, token) : job.moveToWait(token);
    await this.#limited(moving);
  }

  async bury({ job, token, attempt }: BullMessage, { reason, code }: Failure): Promise<void> {
    await this.#limited(job.updateData({ ...job.data, attempts: attempt, ...(code !== undefined && { code }) }));
    await this.#limited(job.moveToFailed(new Error(reason), token, false));
  }

  async renew({ job, token }: BullMessage): Promise<void> {
    await this.#limited(job.extendLock(token, this.#settings.leaseMs));
  }

  async state(): Promise<QueueState> {
    const [counts, [oldest]] = await this.#call((queue) =>
      Promise.all([
        queue.getJobCounts('waiting', 'active', 'delayed', 'failed'),
        queue.getJobs(['waiting'], 0, 0, true),
      ]),
    );
    const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
    return {
      ready: waiting,
      delayed,
      running: active,
      dead: failed,
      oldestMs: oldest && Date.now() - oldest.timestamp,
    };
  }

  async deadLetters(limit: number): Promise<readonly DeadEnvelope[]> {
    const jobs = await this.#call((queue) => queue.getJobs(['failed'], 0, limit - 1, true));
    return jobs.map(letterOf);
  }

  async revive(ids?: readonly string[]): Promise<number> {
    const jobs = await this.#call((queue) => queue.getJobs(['failed'], 0, -1, true));
    const wanted = ids && new Set(ids);
    const revived = jobs.filter(({ data }) => !wanted || wanted.has(data.id));
    for (const job of revived) {
      const { uncounted: _uncounted, code: _code, attempts: _attempts, ...data } = job.data;
      await this.#limited(job.updateData(data));
      await this.#limited(job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true }));
    }
    return revived.length;
  }

  async lastKey(): Promise<string | undefined> {
    const jobs = await this.#call((queue) =>
      queue.getJobs(['completed', 'failed', 'active', 'waiting', 'delayed'], 0, 20, false),
    );
    return jobs
      .flatMap(({ data }) => data.key ?? [])
      .sort()
      .at(-1);
  }

  async close(): Promise<void> {
    // BullMQ's objects do not end running calls.
    await this.#calls.idle();
    // No message is unsettled. A waiting connection would report its end to no listener.
    await (await this.#claims?.catch(() => undefined))?.worker.close(true);
    await (await this.#queue?.catch(() => undefined))?.close();
  }

  #startedClaims(): Promise<BullClaims> {
    this.#claims ??= this.#startWorker();
    // BullMQ's objects remember a failed start for ever.
    this.#claims.catch(() => (this.#claims = undefined));
    return this.#claims;
  }

  async #startWorker(): Promise<BullClaims> {
    const { leaseMs } = this.#settings;
    await this.#factory.prepare();
    const worker = this.#factory.worker(this.#name, {
      autorun: false,
      drainDelay: waitSeconds,
      lockDuration: leaseMs,
      stalledInterval: Math.max(100, leaseMs / 2),
      // The number of attempts decides, not the number of crashes. PostgreSQL accepts no larger number.
      maxStalledCount: 2 ** 31 - 1,
    });
    // The link of the connection reports outages.
    worker.on('error', () => undefined);
    await this.#open(worker);
    await worker.startStalledCheckTimer();
    return new BullClaims(worker, (message) => this.retry(message, { delayMs: 0, counts: false }));
  }

  async #startQueue(): Promise<Queue<JobData>> {
    await this.#factory.prepare();
    const queue = this.#factory.queue(this.#name, {});
    queue.on('error', () => undefined);
    await this.#open(queue);
    if (this.#settings.exclusive) await this.#limited(queue.setGlobalConcurrency(1));
    return queue;
  }

  async #open(
    opened: Pick<Queue, 'waitUntilReady' | 'close'> | Pick<Worker, 'waitUntilReady' | 'close'>,
  ): Promise<void> {
    try {
      await this.#limited(opened.waitUntilReady());
    } catch (error) {
      void opened.close().catch(() => undefined);
      throw error;
    }
  }

  #call<T>(call: (queue: Queue<JobData>) => Promise<T>): Promise<T> {
    return this.#calls.run(async () => {
      this.#queue ??= this.#startQueue();
      this.#queue.catch(() => (this.#queue = undefined));
      const queue = await this.#queue;
      return this.#limited(call(queue));
    });
  }

  async #limited<T>(call: Promise<T>): Promise<T> {
    const { timeoutMs } = this.#factory;
    const result = await within(timeoutMs, call);
    if (result === late) throw new Error(`no response within ${timeoutMs} ms`);
    return result;
  }
}

/** BullMQ refuses numbers and colons. */
function jobIdOf(key: string): string {
  return `key-${encodeURIComponent(key)}`;
}
