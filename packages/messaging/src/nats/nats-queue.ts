import { createHash } from 'node:crypto';
import type { Envelope, QueueStore, Sending, StoreSettings } from '../engine/engine.ts';
import { storedMessage, type NatsMessage, type StoredMessage } from './nats-message.ts';
import type { NatsServer } from './nats-server.ts';
import { NatsStore } from './nats-store.ts';
import { NatsStream } from './nats-stream.ts';

export interface NatsSettings extends StoreSettings {
  /** Number of copies of a stream in a cluster. */
  readonly replicas: number;
}

/**
 * A stream from which an acknowledgement removes the message. A key is a part of the subject, so that the server refuses a second
 * message while the first one is in the stream. The server also recognizes duplicates during `keep`.
 */
export class NatsQueue extends NatsStore implements QueueStore<NatsMessage> {
  readonly #subject: string;
  readonly #exclusive: boolean;

  /** @param prefix - the first part of the names of streams and subjects */
  constructor(server: NatsServer, prefix: string, name: string, settings: NatsSettings) {
    const subject = `${prefix}.queue.${name}`;
    const { replicas, exclusive, keepMs, leaseMs } = settings;
    const stream = new NatsStream(server, {
      name: `${prefix}-queue-${name}`,
      subjects: [`${subject}.>`],
      // A schedule remembers its last run.
      retention: exclusive ? 'limits' : 'workqueue',
      duplicate_window: Math.max(shortestWindowMs, keepMs) * 1_000_000,
      num_replicas: replicas,
    });
    super(server, {
      stream,
      consumers: [{ name: 'handlers', subject: `${subject}.message.*`, inOrder: exclusive }],
      since: undefined,
      notes: `${subject}.note`,
      revived: `${subject}.message.-`,
      dead: { stream: `${prefix}-dead-queue-${name}`, subject: `${prefix}.dead.queue.${name}` },
      leaseMs,
      replicas,
    });
    this.#subject = subject;
    this.#exclusive = exclusive;
  }

  async send(envelope: Envelope, { delayMs, key }: Sending): Promise<void> {
    const data = storedMessage(envelope, key, delayMs);
    if (key === undefined) {
      await this.stream.publish(`${this.#subject}.message.-`, data);
    } else {
      const msgID = createHash('sha256').update(key).digest('base64url');
      await this.stream.publishAfter(0, `${this.#subject}.message.${msgID}`, data, { msgID });
    }
  }

  override async acknowledge(message: NatsMessage): Promise<void> {
    await super.acknowledge(message);
    // A purge before the first message would remove all of them.
    const { sequence } = message.pulled;
    if (!this.#exclusive || sequence === 1) return;
    // Messages are handled one after the other, so all earlier ones were handled.
    const { streams } = await this.server.manager();
    await streams.purge(this.stream.name, { seq: sequence });
  }

  async lastKey(): Promise<string | undefined> {
    const last = await this.server.last(this.stream.name, `${this.#subject}.message.*`);
    return last?.json<StoredMessage>().key;
  }
}

/** The shortest time in which servers recognize duplicates, in milliseconds. */
const shortestWindowMs = 100;
