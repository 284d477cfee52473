/** The connection of the driver, which restores it after an outage. It must not know any component. */
import { Session, tlsContext } from '@asphalt/integration';
import type { Channel, Connection, Envelope, Publisher } from 'rabbitmq-client';
import { AmqpUnroutableError } from './errors.ts';
import type { AmqpConfig } from './options.ts';

export class AmqpSession extends Session<Connection, AmqpConfig> {
  /** The ids of messages that the broker has returned, because no queue receives them. */
  readonly #returned = new Set<string>();
  /** The channels of consumers. */
  readonly #channels = new Set<Channel>();
  #publisher: Publisher | undefined;
  #isDeclared = false;

  /**
   * Sends a message. Resolves when the broker has confirmed it. During an outage, it waits for the end.
   *
   * @throws an OfflineError before the first connection; an AmqpUnroutableError when a mandatory message reaches no queue
   */
  async publish(message: Envelope & { readonly messageId: string }, body: unknown): Promise<void> {
    const { messageId, mandatory = false, exchange = '', routingKey = '' } = message;
    if (!this.#publisher) this.link.assertUp();
    await this.call(() => this.#publisher!.send(message, body));
    // The driver reports a returned message in the next turn.
    if (mandatory) await new Promise(setImmediate);
    if (this.#returned.delete(messageId)) throw new AmqpUnroutableError(exchange, routingKey);
  }

  /**
   * Returns a queue whose messages move to another queue after a delay. The delay has one digit, rounded up: all messages of a
   * queue have the same one, because the broker delays in order. The broker deletes the queue when it is no longer used.
   */
  async delayQueue(target: string, delayMs: number): Promise<string> {
    const digit = 10 ** Math.floor(Math.log10(delayMs));
    const ms = Math.ceil(delayMs / digit) * digit;
    const queue = `${target}.retry.${ms}`;
    const isQuorum = this.owner.config.queues[target]?.arguments['x-queue-type'] === 'quorum';
    const safe = {
      'x-queue-type': 'quorum',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    } as const;
    const moves = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': target };
    const times = { 'x-message-ttl': ms, 'x-expires': 2 * ms + 60_000 };
    await this.client.queueDeclare({ queue, durable: true, arguments: { ...moves, ...times, ...(isQuorum && safe) } });
    return queue;
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
    this.opened = client;
    await new Promise<void>((resolve, reject) => client.once('connection', resolve).once('error', reject));
    this.#publisher = client.createPublisher({ confirm: true, maxAttempts: 3 });
    this.#publisher.on('basic.return', ({ messageId }) => this.#returned.add(messageId!));
    client.on('error', (error) => {
      this.#isDeclared = false;
      this.link.down(error);
    });
    client.on('connection', () => void this.check().then(this.link.up, this.link.down));
  }

  async check(): Promise<void> {
    const channel = await this.opened!.acquire();
    try {
      if (!this.#isDeclared) await declare(channel, this.owner.config);
      this.#isDeclared = true;
    } finally {
      if (channel.active) await channel.close();
    }
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#publisher?.close();
    await Promise.all([...this.#channels].map((channel) => channel.close()));
    await this.opened?.close();
  }

  destroy(): void {
    this.opened?.unsafeDestroy();
  }

  classify(error: unknown): 'permanent' | undefined {
    const { code } = error as { code?: string };
    return /^(?:ACCESS_REFUSED|NOT_ALLOWED|PRECONDITION_FAILED|NOT_FOUND)$/.test(code ?? '') ? 'permanent' : undefined;
  }

  async #options() {
    const { vhost, heartbeat, timeout, connect, tls } = this.owner.config;
    const { host, port, login, secure, database } = this.endpoint;
    return {
      ...login,
      hostname: host,
      port,
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
