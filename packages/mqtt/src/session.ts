/** The connection of the driver, and the routing of its messages. It must not know any component. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { crc32 } from 'node:zlib';
import { Session, tlsContext } from '@asphalt/integration';
import type { MqttClient } from 'mqtt';
import type { IPublishPacket, QoS } from 'mqtt-packet';
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

export class MqttSession extends Session<MqttClient, MqttConfig> {
  /** By the identifier that the broker adds to messages. It depends on the filter, so that a later process knows it. */
  readonly #subscriptions = new Map<number, Subscription>();
  /** Messages of a former process, which arrive before the handler of this one. */
  readonly #early = new Map<number, Incoming[]>();
  #timer: NodeJS.Timeout | undefined;

  async connect(): Promise<void> {
    const client = (this.opened ??= await this.#create());
    client.connect();
    await until(client, 'connect');
  }

  async check(): Promise<void> {
    const client = this.opened!;
    if (!client.connected) throw closedByServer();
    client.sendPing();
    await until(client, 'packetreceive');
  }

  override async close(): Promise<void> {
    await super.close();
    // No later process uses the session of a random name.
    const isKept = this.owner.config.clientId !== undefined;
    await this.opened?.endAsync(false, isKept ? {} : { properties: { sessionExpiryInterval: 0 } });
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.reset();
  }

  reset(): void {
    this.opened?.stream?.destroy();
  }

  classify(error: unknown): 'permanent' | undefined {
    return [0x84, 0x85, 0x86, 0x87, 0x8a].includes((error as { code?: number }).code ?? 0) ? 'permanent' : undefined;
  }

  /** Subscribes now, and again after each outage. Resolves with a function that unsubscribes. */
  async subscribe(filter: string, qos: 0 | 1, receive: Subscription['receive']): Promise<() => Promise<unknown>> {
    const id = crc32(filter) % 0xfffffff || 1;
    this.#subscriptions.set(id, { filter, qos, receive });
    for (const incoming of this.#early.get(id) ?? []) receive(incoming);
    this.#early.delete(id);
    if (this.link.state === 'up') await this.#send(id);
    return async () => {
      this.#subscriptions.delete(id);
      if (this.opened?.connected === true) await this.opened.unsubscribeAsync(filter);
    };
  }

  async #send(id: number): Promise<void> {
    const { filter, qos } = this.#subscriptions.get(id)!;
    // With `rh`, only a new subscription receives the retained messages.
    await this.opened!.subscribeAsync({ [filter]: { qos, rh: 1 } }, { properties: { subscriptionIdentifier: id } });
  }

  /** Sends all subscriptions, because the broker may have lost its session. */
  async #resubscribe(): Promise<void> {
    const { link, owner } = this;
    const refused = (error: Error): void =>
      owner.logger.warn(`${link.server} refuses a subscription: ${error.message}`);
    await Promise.all([...this.#subscriptions.keys()].map((id) => this.#send(id).catch(refused)));
  }

  /** Passes a packet to its subscriptions. @returns whether the driver must acknowledge it */
  #route(packet: IPublishPacket, stream: Duplex): boolean {
    const ids = [packet.properties?.subscriptionIdentifier ?? []].flat();
    const incoming: Incoming = {
      packet,
      isLost: () => stream.destroyed,
      acknowledge: async () => {
        const { generate } = await import('mqtt-packet');
        if (stream.destroyed) throw closedByServer();
        stream.write(generate({ cmd: 'puback', messageId: packet.messageId! }, { protocolVersion: 5 }));
      },
    };
    for (const id of ids) {
      const subscription = this.#subscriptions.get(id);
      if (subscription) subscription.receive(incoming);
      else if (packet.qos > 0) this.#early.set(id, [...(this.#early.get(id) ?? []), incoming]);
    }
    return packet.qos > 0 && ids.length > 0;
  }

  async #create(): Promise<MqttClient> {
    const { MqttClient: Driver } = await import('mqtt');
    const { link } = this;
    const { clientId, clean, sessionExpiry, keepalive, will, connect, tls } = this.owner.config;
    const { host, port, login, secure } = this.endpoint;
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
      ...login,
      manualConnect: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      protocolVersion: 5,
      clientId: clientId ?? `${this.owner.path}-${randomUUID()}`,
      clean,
      keepalive: inSeconds(keepalive),
      connectTimeout: connect.timeout,
      properties: { sessionExpiryInterval: inSeconds(sessionExpiry) },
      ...(will && {
        will: { ...will, qos: will.qos as QoS, properties: { willDelayInterval: inSeconds(will.delay) } },
      }),
    });
    let attempts = 0;
    client.on('error', link.down).on('close', () => {
      link.down(closedByServer());
      const delayMs = link.delay(++attempts);
      if (delayMs !== undefined) this.#timer = setTimeout(() => client.connect(), delayMs);
    });
    client.on('connect', () => {
      attempts = 0;
      void this.#resubscribe().then(link.up);
    });
    return client;
  }
}

function closedByServer(): Error {
  return new Error('the server has closed the connection');
}

function inSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** Resolves at an event of the driver, and rejects when the connection breaks. */
async function until(client: MqttClient, event: 'connect' | 'packetreceive'): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  // The types of the driver omit methods of its emitter.
  const emitter = client as unknown as NodeJS.EventEmitter;
  const closed = once(emitter, 'close', { signal }).then(() => Promise.reject(closedByServer()));
  try {
    await Promise.race([once(emitter, event, { signal }), closed]);
  } finally {
    settled.abort();
  }
}
