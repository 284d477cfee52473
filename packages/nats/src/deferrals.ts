/**
 * The numbers of deliveries that are no attempts. The server counts every delivery, so a bucket of the server contains them
 * for all processes.
 */
import type { JetStreamClient } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { PulledMessage } from './pull.ts';

/** How long the server keeps a number after the latest deferral of its message. */
const ttl = 7 * 24 * 3600 * 1000;

export class Deferrals {
  readonly #consumer: string;
  #bucket: KV | undefined;

  constructor(stream: string, durable: string) {
    this.#consumer = Buffer.from(`${stream}/${durable}`).toString('base64url');
  }

  async read(client: JetStreamClient, message: PulledMessage): Promise<number> {
    const entry = await this.#use(client, (bucket) => bucket.get(this.#key(message)));
    return Number(entry?.string() ?? 0);
  }

  async write(client: JetStreamClient, message: PulledMessage, count: number): Promise<void> {
    await this.#use(client, (bucket) => bucket.put(this.#key(message), String(count)));
  }

  /** Opens the bucket, again after a failure, because a restarted server may have lost it. */
  async #use<R>(client: JetStreamClient, use: (bucket: KV) => Promise<R>): Promise<R> {
    try {
      const { Kvm } = await import('@nats-io/kv');
      this.#bucket ??= await new Kvm(client).create('asphalt-deferrals', { ttl });
      return await use(this.#bucket);
    } catch (error) {
      this.#bucket = undefined;
      throw error;
    }
  }

  /** A stream that was created again counts its messages again, but not in the same nanosecond. */
  #key({ sequence, storedAt }: PulledMessage): string {
    return `${this.#consumer}.${sequence}.${storedAt}`;
  }
}
