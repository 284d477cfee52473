/** The connection of the driver, and the routing of its messages. It must not know any component. */
import { randomUUID } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { crc32 } from 'node:zlib';
import type { Logger } from '@asphalt/core';
import { InFlight, tlsContext, type Connection, type Endpoint, type Link } from '@asphalt/integration';
import type { MqttClient } from 'mqtt';
import type { IPublishPacket, Packet, QoS } from 'mqtt-packet';
import type { MqttConfig } from './options.ts';

/** A packet, and the function that acknowledges it. */
export interface Incoming {
  readonly packet: IPublishPacket;
  acknowledge(): Promise<void>;
  /** Whether the broker delivers the packet again, because its connection is closed. */
  isLost(): boolean;
}

interface Subscription {
  readonly filter: string;
  readonly qos: 0 | 1;
  readonly receive: (incoming: Incoming) => void;
}

/** Passed to the driver, which then acknowledges nothing. */
const unacknowledged = new Error('acknowledged after its handler');

export class MqttSession implements Connection {
  readonly calls = new InFlight();
  /** By the identifier that the broker adds to messages. It depends on the filter, so that a later process knows it. */
  readonly #subscriptions = new Map<number, Subscription>();
  /** Messages of a former process, which arrive before the handler of this one. */
  readonly #early = new Map<number, Incoming[]>();
  #client: MqttClient | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly owner: { readonly config: MqttConfig; readonly logger: Logger; readonly path: string },
    readonly endpoint: Endpoint,
    readonly link: Link,
  ) {}

  /** @throws an OfflineError during an outage, in which the driver stores messages without a limit */
  get client(): MqttClient {
    this.link.assertUp();
    return this.#client!;
  }

  async connect(): Promise<void> {
    const client = (this.#client ??= await this.#create());
    const connected = until(client, 'connect');
    client.connect();
    await connected;
  }

  async check(): Promise<void> {
    const client = this.#client!;
    if (!client.connected) throw closedByServer();
    const replied = until(client, 'packetreceive', ({ cmd }) => cmd === 'pingresp');
    client.sendPing();
    await replied;
  }

  async close(): Promise<void> {
    await this.calls.idle();
    // No later process uses the session of a random name.
    const isKept = this.owner.config.clientId !== undefined;
    await this.#client?.endAsync(false, isKept ? {} : { properties: { sessionExpiryInterval: 0 } });
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#client?.stream?.destroy();
  }

  reset(): void {
    this.#client?.stream.destroy();
  }

  classify(error: unknown): 'permanent' | undefined {
    return [0x84, 0x85, 0x86, 0x87, 0x8a].includes((error as { code?: number }).code ?? 0) ? 'permanent' : undefined;
  }

  /** Subscribes now, and again after each outage. Resolves with a function that unsubscribes. */
  async subscribe(filter: string, qos: 0 | 1, receive: Subscription['receive']): Promise<() => Promise<unknown>> {
    // It depends on the filter, because a session knows the identifiers of an earlier process.
    const id = crc32(filter) % 0xfffffff || 1;
    this.#subscriptions.set(id, { filter, qos, receive });
    for (const incoming of this.#early.get(id) ?? []) receive(incoming);
    this.#early.delete(id);
    if (this.link.state === 'up') await this.#send(id);
    return async () => {
      this.#subscriptions.delete(id);
      if (this.#client?.connected === true) await this.#client.unsubscribeAsync(filter);
    };
  }

  async #send(id: number): Promise<void> {
    const { filter, qos } = this.#subscriptions.get(id)!;
    // With `rh`, only a new subscription receives the retained messages.
    await this.#client!.subscribeAsync({ [filter]: { qos, rh: 1 } }, { properties: { subscriptionIdentifier: id } });
  }

  /** Passes a packet to its subscriptions. @returns whether the driver must acknowledge it */
  #route(packet: IPublishPacket, stream: Duplex): boolean {
    const ids = [packet.properties?.subscriptionIdentifier ?? []].flat();
    const isLost = (): boolean => stream.destroyed;
    const acknowledge = async (): Promise<void> => {
      const { generate } = await import('mqtt-packet');
      if (isLost()) throw closedByServer();
      stream.write(generate({ cmd: 'puback', messageId: packet.messageId! }, { protocolVersion: 5 }));
    };
    for (const id of ids) {
      const subscription = this.#subscriptions.get(id);
      if (subscription) subscription.receive({ packet, acknowledge, isLost });
      else if (packet.qos > 0) this.#early.set(id, [...(this.#early.get(id) ?? []), { packet, acknowledge, isLost }]);
    }
    return packet.qos > 0 && ids.length > 0;
  }

  async #create(): Promise<MqttClient> {
    const { MqttClient: Driver } = await import('mqtt');
    const { config, logger, path } = this.owner;
    const { host, port, username, password, secure } = this.endpoint;
    const { clientId = `${path}-${randomUUID()}`, clean, sessionExpiry, keepalive, will, connect, tls } = config;
    const context = secure ? await tlsContext(tls) : undefined;
    const open = (): Duplex => (context ? connectTls({ host, port, ...context }) : connectTcp({ host, port }));
    const route = (packet: IPublishPacket, stream: Duplex): boolean => this.#route(packet, stream);
    class Client extends Driver {
      /** The driver acknowledges a message unless this fails. */
      override handleMessage(packet: IPublishPacket, done: (error?: Error) => void): void {
        done(route(packet, this.stream) ? unacknowledged : undefined);
      }
    }
    const client = new Client(open, {
      manualConnect: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      protocolVersion: 5,
      clientId,
      clean,
      keepalive: Math.ceil(keepalive / 1000),
      connectTimeout: connect.timeout,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      properties: { sessionExpiryInterval: Math.ceil(sessionExpiry / 1000) },
      ...(will && {
        will: {
          topic: will.topic,
          payload: Buffer.from(will.payload),
          qos: will.qos as QoS,
          retain: will.retain,
          properties: { willDelayInterval: Math.ceil(will.delay / 1000) },
        },
      }),
    });
    let attempts = 0;
    client.on('error', this.link.down).on('close', () => {
      this.link.down(closedByServer());
      const delayMs = this.link.delay(++attempts);
      if (delayMs !== undefined) this.#timer = setTimeout(() => client.connect(), delayMs);
    });
    client.on('connect', () => {
      attempts = 0;
      const ids = [...this.#subscriptions.keys()];
      const refused = (error: Error): void =>
        logger.warn(`${this.link.server} refuses a subscription: ${error.message}`);
      void Promise.all(ids.map((id) => this.#send(id).catch(refused))).then(this.link.up);
    });
    return client;
  }
}

function closedByServer(): Error {
  return new Error('the server has closed the connection');
}

/** Resolves at a packet, and rejects when the connection breaks. */
function until(
  client: MqttClient,
  event: 'connect' | 'packetreceive',
  matches: (packet: Packet) => boolean = () => true,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      client.off(event, onPacket).off('error', onError).off('close', onClose);
      settle();
    };
    const onPacket = (packet: Packet): void => void (matches(packet) && end(resolve));
    const onError = (error: Error): void => end(() => reject(error));
    const onClose = (): void => onError(closedByServer());
    client.on(event, onPacket).on('error', onError).on('close', onClose);
  });
}
