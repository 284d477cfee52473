/**
 * A queue of BullMQ. It claims jobs one by one instead of passing a processor to BullMQ's worker, because the shared code
 * decides about retries and dead letters. The stalled jobs of crashed processes are those of BullMQ.
 */
import { randomUUID } from 'node:crypto';
import { late, within, type Retry } from '@asphalt/integration';
import type { Queue, QueueOptions, Worker } from 'bullmq';
import type {
  DeadEnvelope,
  Envelope,
  Failure,
  QueueState,
  QueueStore,
  Sending,
  StoreSettings,
} from '../engine/engine.ts';
import { dataOf, letterOf, messageOf, type BullJob, type BullMessage, type JobData } from './bull-message.ts';

/** BullMQ with a database, for the queue of one name. */
export interface BullFactory {
  queue(name: string, options: Omit<QueueOptions, 'connection'>): Queue<JobData>;
  worker(name: string, options: object): Worker<JobData>;
  /** Time limit for one call, in milliseconds. BullMQ itself waits until the server is available. */
  readonly timeoutMs: number;
}

/** Longest time for which a worker waits for a job in one call, in seconds. Connections time out later. */
const waitSeconds = 1;

export class BullQueue implements QueueStore<BullMessage> {
  readonly #factory: BullFactory;
  readonly #name: string;
  readonly #settings: StoreSettings;
  readonly #queue: Queue<JobData>;
  readonly #prepared: Promise<unknown>;
  #worker: Worker<JobData> | undefined;

  constructor(factory: BullFactory, name: string, settings: StoreSettings) {
    this.#factory = factory;
    this.#name = name;
    this.#settings = settings;
    this.#queue = factory.queue(name, {});
    // The link of the connection reports outages.
    this.#queue.on('error', () => undefined);
    this.#prepared = settings.exclusive ? this.#queue.setGlobalConcurrency(1) : Promise.resolve();
    this.#prepared.catch(() => undefined);
  }

  async send(envelope: Envelope, { delayMs, key }: Sending): Promise<void> {
    const { keepMs, exclusive } = this.#settings;
    // A schedule remembers its last runs.
    const kept = exclusive ? { count: 100 } : { age: Math.ceil(keepMs / 1000) };
    await this.#limited(
      this.#queue.add(this.#name, dataOf(envelope, key), {
        ...(key !== undefined && { jobId: jobIdOf(key) }),
        ...(delayMs > 0 && { delay: delayMs }),
        removeOnComplete: key === undefined ? true : kept,
      }),
    );
  }

  async fetch(count: number, abort: AbortSignal): Promise<readonly BullMessage[]> {
    await this.#prepared;
    const worker = (this.#worker ??= await this.#startWorker());
    const first = await this.#first(worker, abort);
    const claimed = first ? [first] : [];
    while (first && claimed.length < count && !abort.aborted) {
      const next = await claim(worker, false);
      if (!next) break;
      claimed.push(next);
    }
    return claimed;
  }

  async acknowledge({ job, token }: BullMessage): Promise<void> {
    await this.#limited(job.moveToCompleted(true, token, false));
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
    const [counts, [oldest]] = await this.#limited(
      Promise.all([
        this.#queue.getJobCounts('waiting', 'active', 'delayed', 'failed'),
        this.#queue.getJobs(['waiting'], 0, 0, true),
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
    const jobs = await this.#limited(this.#queue.getJobs(['failed'], 0, limit - 1, true));
    return jobs.map(letterOf);
  }

  async revive(ids?: readonly string[]): Promise<number> {
    const jobs = await this.#limited(this.#queue.getJobs(['failed'], 0, -1, true));
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
    const jobs = await this.#limited(
      this.#queue.getJobs(['completed', 'failed', 'active', 'waiting', 'delayed'], 0, 20, false),
    );
    return jobs
      .flatMap(({ data }) => data.key ?? [])
      .sort()
      .at(-1);
  }

  async close(): Promise<void> {
    // No message is unsettled. A waiting connection would report its end to no listener.
    await this.#worker?.close(true);
    await this.#queue.close();
  }

  /** Waits for the first job. Returns the claimed job of a wait that the signal has ended. */
  async #first(worker: Worker<JobData>, abort: AbortSignal): Promise<BullMessage | undefined> {
    if (abort.aborted) return undefined;
    const claiming = claim(worker, true);
    let end!: () => void;
    const ended = new Promise<undefined>((resolve) => {
      end = () => resolve(undefined);
    });
    abort.addEventListener('abort', end, { once: true });
    try {
      const first = await Promise.race([claiming, ended]);
      if (!abort.aborted) return first;
    } finally {
      abort.removeEventListener('abort', end);
    }
    void this.#giveBack(claiming);
    return undefined;
  }

  async #giveBack(claiming: Promise<BullMessage | undefined>): Promise<void> {
    try {
      const message = await claiming;
      if (message) await this.retry(message, { delayMs: 0, counts: false });
    } catch {
      // Its lease ends.
    }
  }

  async #startWorker(): Promise<Worker<JobData>> {
    const { leaseMs } = this.#settings;
    const worker = this.#factory.worker(this.#name, {
      autorun: false,
      drainDelay: waitSeconds,
      lockDuration: leaseMs,
      stalledInterval: Math.max(100, leaseMs / 2),
      // The number of attempts decides, not the number of crashes. PostgreSQL accepts no larger number.
      maxStalledCount: 2 ** 31 - 1,
    });
    worker.on('error', () => undefined);
    await worker.startStalledCheckTimer();
    return worker;
  }

  async #limited<T>(call: Promise<T>): Promise<T> {
    const { timeoutMs } = this.#factory;
    const result = await within(timeoutMs, call);
    if (result === late) throw new Error(`no response within ${timeoutMs} ms`);
    return result;
  }
}

async function claim(worker: Worker<JobData>, block: boolean): Promise<BullMessage | undefined> {
  const token = randomUUID();
  const job: BullJob | undefined = await worker.getNextJob(token, { block });
  return job && messageOf(job, token);
}

/** BullMQ refuses numbers and colons. */
function jobIdOf(key: string): string {
  return `key-${encodeURIComponent(key)}`;
}
