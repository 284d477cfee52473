/**
 * What connections have in common if the client of their driver exists only after an attempt to connect: access to the client,
 * calls with a time limit, and sources of deliveries. It must not know any driver.
 */
import type { Logger } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import type { Connection } from './connection.ts';
import { deliveries, type BrokerClient, type DeliveryOptions } from './deliveries.ts';
import type { Delivery } from './delivery.ts';
import type { Endpoint } from './endpoint.ts';
import { NoReplyError } from './errors.ts';
import { InFlight } from './in-flight.ts';
import type { Link } from './link.ts';
import type { ServerConfig } from './options.ts';
import { late, within } from './time.ts';

/** Extend it with the operations of a driver. They assign `opened`. */
export abstract class Session<Client, Config extends ServerConfig = ServerConfig> implements Connection {
  /** The client of the latest attempt, also during an outage. */
  protected opened: Client | undefined;
  readonly #calls = new InFlight();
  readonly #sources = new Map<string, unknown>();

  constructor(
    readonly owner: { readonly config: Config; readonly logger: Logger; readonly path: string },
    protected readonly endpoint: Endpoint,
    readonly link: Link,
  ) {}

  /** @throws {@link OfflineError} unless the connection is up */
  get client(): Client {
    this.link.assertUp();
    return this.opened!;
  }

  abstract connect(): Promise<unknown>;

  abstract check(): Promise<unknown>;

  /** Waits for running calls. Closes nothing. */
  async close(): Promise<void> {
    await this.#calls.idle();
  }

  abstract destroy(): void;

  /**
   * Runs a call. A stop waits for it.
   *
   * @param limitMs - its time limit, by default the option `timeout`
   * @throws {@link NoReplyError} when the time limit is over. The call continues, and its result is ignored
   */
  async call<T>(call: () => Promise<T>, limitMs: number = this.owner.config.timeout): Promise<T> {
    const result = await within(limitMs, this.#calls.run(call));
    if (result === late) throw new NoReplyError(this.link.server, limitMs);
    return result;
  }

  /**
   * Returns the source of deliveries with a name. Its first request creates it, because a source has one consumer.
   *
   * @typeParam D - the deliveries, which may have more fields than those of the kit if the client describes them
   */
  source<Message, D extends Delivery<unknown>>(
    name: string,
    create: () => BrokerClient<Message, unknown>,
    options: Omit<DeliveryOptions, 'name' | 'logger'>,
  ): Deliveries<D> {
    const source = this.#sources.get(name) ?? deliveries(create(), { ...options, name, logger: this.owner.logger });
    this.#sources.set(name, source);
    // Callers of one name agree on its type.
    return source as Deliveries<D>;
  }
}
