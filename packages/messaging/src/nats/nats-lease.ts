import { randomUUID } from 'node:crypto';
import type { LeaseStore } from '../engine/engine.ts';
import type { NatsServer } from './nats-server.ts';
import { Once } from './once.ts';

interface Term {
  /** The sequence of the message that started it. */
  readonly token: number;
  /** The content of its messages. */
  readonly holder: string;
  /** The sequence of its last message. */
  sequence: number;
}

/**
 * A message that the server removes after the lease, as in a bucket with a TTL. A renewal replaces it, if it is still there. Its
 * sequence is the token, because a stream never uses a sequence twice.
 */
export class NatsLease implements LeaseStore {
  readonly #server: NatsServer;
  readonly #stream: string;
  readonly #subject: string;
  readonly #replicas: number;
  #leaseMs = 0;
  readonly #created = new Once(() => this.#create());
  #term: Term | undefined;

  /** @param prefix - the first part of the names of streams and subjects */
  constructor(server: NatsServer, prefix: string, name: string, replicas: number) {
    this.#server = server;
    this.#stream = `${prefix}-leader-${name}`;
    this.#subject = `${prefix}.leader.${name}`;
    this.#replicas = replicas;
  }

  async acquire(leaseMs: number): Promise<number | undefined> {
    this.#leaseMs = leaseMs;
    await this.#created.done();
    const holder = randomUUID();
    const token = await this.#publish(0, holder);
    if (token !== undefined) this.#term = { token, holder, sequence: token };
    return token;
  }

  async renew(token: number): Promise<boolean> {
    const term = this.#term;
    if (term?.token !== token) return false;
    let sequence = await this.#publish(term.sequence, term.holder);
    if (sequence === undefined) {
      // The server may have stored a renewal whose confirmation was lost.
      const last = await this.#server.last(this.#stream, this.#subject);
      if (last?.json<string>() === term.holder) sequence = await this.#publish(last.seq, term.holder);
    }
    if (sequence !== undefined) term.sequence = sequence;
    return sequence !== undefined;
  }

  async release(token: number): Promise<void> {
    const term = this.#term;
    if (term?.token !== token) return;
    const { streams } = await this.#server.manager();
    // A later message is that of another holder.
    await streams.purge(this.#stream, { filter: this.#subject, seq: term.sequence + 1 });
  }

  async #publish(sequence: number, holder: string): Promise<number | undefined> {
    try {
      return await this.#server.publishAfter(sequence, this.#subject, holder);
    } catch (error) {
      // The server may have lost the stream.
      this.#created.forget();
      throw error;
    }
  }

  async #create(): Promise<void> {
    await this.#server.check();
    const max_age = this.#leaseMs * 1_000_000;
    const settings = { name: this.#stream, subjects: [this.#subject], max_age, max_msgs_per_subject: 1 };
    // A shorter time would remove the message of a holder that relies on a longer one.
    await this.#server.ensureStream({ ...settings, num_replicas: this.#replicas }, (known) => known.max_age < max_age);
  }
}
