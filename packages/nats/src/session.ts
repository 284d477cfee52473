/** The connection of the driver, which restores it after an outage. It must not know any component. */
import { ConnectOptionsError, readOptionFile, Session, tlsContext } from '@asphalt/integration';
import type { JetStreamClient } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { declare, requireVersions } from './declare.ts';
import type { NatsConfig } from './options.ts';

/** The clients of one connection. */
interface Clients {
  readonly core: NatsConnection;
  readonly jetStream: JetStreamClient;
  readonly buckets: Map<string, KV>;
  /** Whether streams and buckets were compared since the last outage. A server may lose those in memory. */
  areDeclared: boolean;
}

export class NatsSession extends Session<Clients, NatsConfig> {
  /** Changes when an attempt is abandoned. */
  #attempt = 0;

  async connect(): Promise<void> {
    this.destroy();
    const attempt = this.#attempt;
    const { connect } = await import('@nats-io/transport-node');
    const { jetstream } = await import('@nats-io/jetstream');
    const core = await connect(await this.#options());
    if (attempt !== this.#attempt) return core.close();
    const jetStream = jetstream(core, { timeout: this.owner.config.timeout });
    this.opened = { core, jetStream, buckets: new Map(), areDeclared: false };
    void this.#watch(this.opened);
  }

  async check(): Promise<void> {
    const clients = this.opened!;
    if (!clients.areDeclared) await this.#declare(clients);
    clients.areDeclared = true;
    await clients.core.flush();
  }

  override async close(): Promise<void> {
    await super.close();
    await this.opened?.core.drain();
  }

  destroy(): void {
    this.#attempt++;
    void this.opened?.core.close();
    this.opened = undefined;
  }

  reset(): void {
    void this.opened?.core.reconnect();
  }

  classify({ name, message }: Error): 'permanent' | undefined {
    const isPermanent = /^(?:Authorization|UserAuthenticationExpired|InvalidArgument)Error$/.test(name);
    return isPermanent || /requires server \d/.test(message) ? 'permanent' : undefined;
  }

  async #declare({ core, jetStream, buckets }: Clients): Promise<void> {
    const { config } = this.owner;
    requireVersions(config, core.info!.version);
    try {
      await declare(config, jetStream, buckets);
    } catch (error) {
      if (!/^jetstream (?:is )?not enabled/i.test((error as Error).message)) throw error;
      const fix = 'start nats-server with `-js`, or enable JetStream for the account';
      throw new ConnectOptionsError('streams', 'needs JetStream, which the server does not offer', fix, error);
    }
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
      ...(creds !== undefined && { authenticator: credsAuthenticator(await readOptionFile('creds', creds)) }),
      tls: secure ? ((await tlsContext(tls)) as object) : null,
      timeout: connect.timeout,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      reconnectDelayHandler: () => this.link.delay(++attempts) ?? connect.minDelay,
    };
  }
}
