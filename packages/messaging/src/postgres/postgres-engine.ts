import { EventEmitter } from 'node:events';
import type { Client, Pool, PoolClient } from 'pg';
import { BullQueue } from '../bullmq/bull-queue.ts';
import type { Engine, LeaseStore, QueueStore, StoreSettings } from '../engine/engine.ts';
import { PostgresLease } from './postgres-lease.ts';

export interface PostgresOperations {
  /** Opens a connection outside of the pool. */
  connect(): Promise<Client>;
  /** Creates or compares the tables. */
  prepare(): Promise<void>;
  /** Time limit for one call, in milliseconds. */
  readonly timeoutMs: number;
}

/** BullMQ with PostgreSQL, and leases of the server. It has no topics. */
export class PostgresEngine implements Engine {
  readonly name = 'postgres';
  readonly #bullmq: typeof import('bullmq');
  readonly #pool: Pool;
  readonly #operations: PostgresOperations;
  readonly #queues = new Map<string, BullQueue>();
  readonly #leases: PostgresLease[] = [];
  #prepared: Promise<void> | undefined;

  constructor(bullmq: typeof import('bullmq'), pool: Pool, operations: PostgresOperations) {
    this.#bullmq = bullmq;
    this.#pool = pool;
    this.#operations = operations;
  }

  /** Prepares the tables, once. Another call repeats a failed attempt. */
  prepare(): Promise<void> {
    this.#prepared ??= this.#operations.prepare();
    this.#prepared.catch(() => (this.#prepared = undefined));
    return this.#prepared;
  }

  queue(name: string, settings: StoreSettings): QueueStore {
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, (queue = this.#create(name, settings)));
    return queue;
  }

  lease(name: string): LeaseStore {
    const lease = new PostgresLease(async () => {
      await this.prepare();
      return this.#operations.connect();
    }, name);
    this.#leases.push(lease);
    return lease;
  }

  async names(): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ queue: string }>('select distinct queue from meta');
    return rows.map(({ queue }) => queue);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values(), ...this.#leases].map((each) => each.close()));
  }

  #create(name: string, settings: StoreSettings): BullQueue {
    const { Job, Queue, Worker, createPostgresBackend } = this.#bullmq;
    // The types of BullMQ know only the connections of Redis.
    const connection = (): never => new BullPool(this.#pool) as never;
    return new BullQueue(
      {
        queue: (queue, options) =>
          new Queue(queue, { ...options, connection: connection() }, createPostgresBackend) as never,
        worker: (queue, options) =>
          new Worker(queue, null, { ...options, connection: connection() }, createPostgresBackend) as never,
        job: (worker, data, id) => Job.fromJSON(worker as never, data, id),
        prepare: () => this.prepare(),
        timeoutMs: this.#operations.timeoutMs,
      },
      name,
      settings,
    );
  }
}

/**
 * The shared pool as one object of BullMQ uses it. BullMQ listens to the errors of its pool and never removes the listener. The
 * link reports those errors, so this pool emits none.
 */
class BullPool extends EventEmitter {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    super();
    this.#pool = pool;
  }

  get options(): Pool['options'] {
    return this.#pool.options;
  }

  connect(): Promise<PoolClient> {
    return this.#pool.connect();
  }

  query(text: string, values: unknown[]) {
    return this.#pool.query(text, values);
  }

  /** BullMQ recognizes a pool by this method, and calls it only on pools that it has created. */
  end(): Promise<void> {
    return this.#pool.end();
  }
}
