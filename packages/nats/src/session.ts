/** The connection of the driver, which restores it after an outage. It must not know any component. */
import { readFile } from 'node:fs/promises';
import type { Logger } from '@asphalt/core';
import {
  ConnectOptionsError,
  InFlight,
  tlsContext,
  type Connection,
  type Endpoint,
  type Link,
} from '@asphalt/integration';
import type { JetStreamClient } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { declare } from './declare.ts';
import type { NatsConfig } from './options.ts';

/** The clients of one connection. */
interface Clients {
  readonly core: NatsConnection;
  readonly jetStream: JetStreamClient;
  readonly buckets: Map<string, KV>;
  /** Whether streams and buckets were compared since the last outage. A server may lose those in memory. */
  areDeclared: boolean;
}

export class NatsSession implements Connection {
  /** Requests, whose replies the driver does not wait for when it drains. */
  readonly requests = new InFlight();
  #clients: Clients | undefined;
  /** Changes when an attempt is abandoned. */
  #attempt = 0;

  constructor(
    readonly owner: { readonly config: NatsConfig; readonly logger: Logger },
    readonly endpoint: Endpoint,
    readonly link: Link,
  ) {}

  /** @throws an OfflineError during an outage, in which the driver drops calls or sends them later */
  get clients(): Clients {
    this.link.assertUp();
    return this.#clients!;
  }

  async connect(): Promise<void> {
    this.destroy();
    const attempt = this.#attempt;
    const { connect } = await import('@nats-io/transport-node');
    const { jetstream } = await import('@nats-io/jetstream');
    const core = await connect(await this.#options());
    if (attempt !== this.#attempt) return core.close();
    const jetStream = jetstream(core, { timeout: this.owner.config.timeout });
    this.#clients = { core, jetStream, buckets: new Map(), areDeclared: false };
    void this.#watch(this.#clients);
  }

  async check(): Promise<void> {
    const clients = this.#clients!;
    if (!clients.areDeclared) await declare(this.owner.config, clients.jetStream, clients.buckets);
    clients.areDeclared = true;
    await clients.core.flush();
  }

  async close(): Promise<void> {
    await this.requests.idle();
    await this.#clients?.core.drain();
  }

  destroy(): void {
    this.#attempt++;
    void this.#clients?.core.close();
    this.#clients = undefined;
  }

  reset(): void {
    void this.#clients?.core.reconnect();
  }

  classify({ name, message }: Error): 'permanent' | undefined {
    const isPermanent = /^(?:Authorization|UserAuthenticationExpired|InvalidArgument)Error$/.test(name);
    return isPermanent || message.startsWith('jetstream is not enabled') ? 'permanent' : undefined;
  }

  /** Reports the changes of the driver until the connection is closed. */
  async #watch(clients: Clients): Promise<void> {
    const { link, owner } = this;
    for await (const status of clients.core.status()) {
      if (status.type === 'disconnect') {
        clients.areDeclared = false;
        link.down(new Error('the server has closed the connection'));
      } else if (status.type === 'reconnect') {
        this.check().then(link.up, link.down);
      } else if (status.type === 'error') {
        if (this.classify(status.error) === 'permanent') link.down(status.error);
        else owner.logger.warn(`${link.server} has refused a command: ${status.error.message}`);
      }
    }
  }

  async #options(): Promise<ConnectionOptions> {
    const { credsAuthenticator, nkeyAuthenticator } = await import('@nats-io/transport-node');
    const { servers, token, creds, nkey, tls, connect } = this.owner.config;
    const { server, secure, username, password } = this.endpoint;
    let attempts = 0;
    return {
      servers: [server, ...servers],
      ...(username !== undefined && { user: username, pass: password ?? '' }),
      ...(token !== undefined && { token }),
      ...(nkey !== undefined && { authenticator: nkeyAuthenticator(Buffer.from(nkey)) }),
      ...(creds !== undefined && { authenticator: credsAuthenticator(await readCreds(creds)) }),
      tls: secure ? ((await tlsContext(tls)) as object) : null,
      timeout: connect.timeout,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      reconnectDelayHandler: () => this.link.delay(++attempts) ?? connect.minDelay,
    };
  }
}

async function readCreds(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ConnectOptionsError('creds', 'names a file that cannot be read', undefined, error);
  }
}
