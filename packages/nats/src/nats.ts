/** The resources of a NATS server. Their `client` is that of the driver. */
import { providedBy } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import { Link, Topics, type Delivery } from '@asphalt/integration';
import type { JetStreamClient } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { Msg, NatsConnection, Payload, RequestOptions } from '@nats-io/transport-node';
import type { Observable } from 'rxjs';
import { Pull, type PullOptions } from './pull.ts';
import { PullConsumer, type ConsumerOptions } from './pull-consumer.ts';
import type { NatsSession } from './session.ts';

/** The state of the connection. */
@providedBy('NatsComponent of @asphalt/nats')
export class NatsLink extends Link {}

/**
 * Messages that the server does not store.
 *
 * @example
 * @on(Nats, (nats) => nats.subject('visits.*'))
 * count(message: Msg): void { … }
 */
@providedBy('NatsComponent of @asphalt/nats')
export class Nats {
  readonly #session: NatsSession;
  readonly #topics = new Map<string, Topics<Msg>>();

  /** @internal */
  constructor(session: NatsSession) {
    this.#session = session;
  }

  /**
   * The connection of `@nats-io/transport-node`. Its documentation applies.
   *
   * @throws an OfflineError during an outage, so that no message is dropped without an error
   */
  get client(): NatsConnection {
    return this.#session.client.core;
  }

  /** Sends a request and resolves with its reply. The time limit is the option `timeout`, if none is passed. */
  request(subject: string, payload?: Payload, options?: RequestOptions): Promise<Msg> {
    const { timeout } = this.#session.owner.config;
    // The driver limits the time itself.
    return this.#session.call(() => this.client.request(subject, payload, { timeout, ...options }), Infinity);
  }

  /**
   * Returns the messages of a subject, also after an outage.
   *
   * @param options - `queue` is the name of a group; one member of it receives each message
   */
  subject(subject: string, { queue = '' }: { readonly queue?: string } = {}): Observable<Msg> {
    const topics = this.#topics.get(queue) ?? new Topics(this.#session.link, subscribing(this, queue));
    this.#topics.set(queue, topics);
    return topics.messages(subject);
  }
}

/** Subscribes to subjects for a group. The driver restores subscriptions after an outage. */
function subscribing(nats: Nats, queue: string) {
  return async (subject: string, deliver: (message: Msg) => void): Promise<() => Promise<void>> => {
    const { client } = nats;
    let refusal: Error | null = null;
    const subscription = client.subscribe(subject, {
      // The driver finds no refused subscription whose group is an empty text.
      ...(queue !== '' && { queue }),
      callback: (error, message) => void (error ? (refusal = error) : deliver(message)),
    });
    const unsubscribe = async (): Promise<void> => subscription.unsubscribe();
    try {
      await client.flush();
      if (refusal) throw refusal as Error;
      return unsubscribe;
    } catch (error) {
      await unsubscribe();
      throw error;
    }
  };
}

/** Messages that the server stores. */
@providedBy('NatsComponent of @asphalt/nats')
export class JetStream {
  readonly #session: NatsSession;

  /** @internal */
  constructor(session: NatsSession) {
    this.#session = session;
  }

  /**
   * The client of `@nats-io/jetstream`. Its documentation applies.
   *
   * @throws an OfflineError during an outage
   */
  get client(): JetStreamClient {
    return this.#session.client.jetStream;
  }

  /**
   * Returns the messages of a durable consumer, for `@on`. The consumer is created if it does not exist.
   *
   * @typeParam T - the type of the payloads
   */
  consumer<T>(stream: string, durable: string, options: ConsumerOptions = {}): Deliveries<Delivery<T>> {
    const create = () => new PullConsumer<unknown>(this.#session, stream, durable, options);
    return this.#session.source(`${stream}/${durable}`, create, options);
  }

  /** Requests messages of durable consumers that exist, for code that settles them. For a handler, use {@link consumer}. */
  pull(options: PullOptions): Pull {
    return new Pull(this.#session, options);
  }

  /** @internal */
  bucket(name: string): NatsKv {
    return new NatsKv(this.#session, name);
  }
}

/** A bucket of keys and values. */
@providedBy('the option `buckets` of NatsComponent')
export class NatsKv {
  readonly #session: NatsSession;
  readonly #name: string;

  /** @internal */
  constructor(session: NatsSession, name: string) {
    this.#session = session;
    this.#name = name;
  }

  /**
   * The bucket of `@nats-io/kv`. Its documentation applies.
   *
   * @throws an OfflineError during an outage
   */
  get client(): KV {
    return this.#session.client.buckets.get(this.#name)!;
  }
}
