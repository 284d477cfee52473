/** The connection of the driver, which restores it after an outage. It must not know any component. */
import type { Logger } from '@asphalt/core';
import { InFlight, tlsContext, type Connection, type Endpoint, type Link } from '@asphalt/integration';
import type { Channel, Connection as Client, Publisher } from 'rabbitmq-client';
import type { AmqpConfig } from './options.ts';

export class AmqpSession implements Connection {
  readonly calls = new InFlight();
  /** The ids of messages that the broker has returned, because no queue receives them. */
  readonly returned = new Set<string>();
  /** The channels of consumers. */
  readonly #channels = new Set<Channel>();
  #client: Client | undefined;
  #publisher: Publisher | undefined;
  #isDeclared = false;

  constructor(
    readonly owner: { readonly config: AmqpConfig; readonly logger: Logger; readonly path: string },
    readonly endpoint: Endpoint,
    readonly link: Link,
  ) {}

  /** @throws an OfflineError during an outage */
  get client(): Client {
    this.link.assertUp();
    return this.#client!;
  }

  /** @throws an OfflineError before the first connection; afterwards, it waits for the end of an outage */
  get publisher(): Publisher {
    if (!this.#publisher) this.link.assertUp();
    return this.#publisher!;
  }

  /** Opens a channel that stays open until the connection closes. */
  async openChannel(): Promise<Channel> {
    const channel = await this.client.acquire({ emitErrorsFromChannel: true });
    this.#channels.add(channel);
    const { server } = this.link;
    channel.on('error', (error) => this.owner.logger.warn(`${server} has closed a channel`, { error }));
    channel.once('close', () => this.#channels.delete(channel));
    return channel;
  }

  async connect(): Promise<void> {
    this.destroy();
    const { Connection: Driver } = await import('rabbitmq-client');
    const client = new Driver(await this.#options());
    this.#client = client;
    await new Promise<void>((resolve, reject) => client.once('connection', resolve).once('error', reject));
    this.#publisher = client.createPublisher({ confirm: true, maxAttempts: 3 });
    this.#publisher.on('basic.return', ({ messageId }) => this.returned.add(messageId!));
    client.on('error', (error) => {
      this.#isDeclared = false;
      this.link.down(error);
    });
    client.on('connection', () => void this.check().then(this.link.up, this.link.down));
  }

  async check(): Promise<void> {
    const channel = await this.#client!.acquire();
    try {
      if (!this.#isDeclared) await declare(channel, this.owner.config);
      this.#isDeclared = true;
    } finally {
      if (channel.active) await channel.close();
    }
  }

  async close(): Promise<void> {
    await this.calls.idle();
    await this.#publisher?.close();
    await Promise.all([...this.#channels].map((channel) => channel.close()));
    await this.#client?.close();
  }

  destroy(): void {
    this.#client?.unsafeDestroy();
  }

  classify(error: unknown): 'permanent' | undefined {
    const { code } = error as { code?: string };
    return /^(?:ACCESS_REFUSED|NOT_ALLOWED|PRECONDITION_FAILED|NOT_FOUND)$/.test(code ?? '') ? 'permanent' : undefined;
  }

  async #options() {
    const { vhost, heartbeat, timeout, connect, tls } = this.owner.config;
    const { host, port, username, password, secure, database } = this.endpoint;
    return {
      hostname: host,
      port,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      vhost: vhost ?? database ?? '/',
      connectionName: this.owner.path,
      acquireTimeout: timeout,
      connectionTimeout: connect.timeout,
      heartbeat: Math.ceil(heartbeat / 1000),
      retryLow: connect.minDelay,
      retryHigh: connect.maxDelay,
      tls: secure && { ...(await tlsContext(tls)) },
    };
  }
}

/** Declares everything. The broker refuses a declaration that differs from what exists. */
async function declare(channel: Channel, { exchanges, queues, bindings }: AmqpConfig): Promise<void> {
  for (const [exchange, { routing, durable }] of Object.entries(exchanges)) {
    await channel.exchangeDeclare({ exchange, type: routing, durable });
  }
  for (const [queue, { durable, arguments: settings, deadLetter }] of Object.entries(queues)) {
    if (deadLetter !== undefined) await channel.queueDeclare({ queue: deadLetter, durable });
    await channel.queueDeclare({ queue, durable, arguments: { ...settings } });
  }
  for (const binding of bindings) await channel.queueBind(binding);
}
