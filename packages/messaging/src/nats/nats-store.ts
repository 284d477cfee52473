/** The messages of a stream that the consumers of a queue or group deliver. */
import type { Retry } from '@asphalt/integration';
import type { Pull, PulledConsumer, PulledMessage } from '@asphalt/nats';
import type { DeadEnvelope, Failure, MessageStore, QueueState } from '../engine/engine.ts';
import { DeadLetters } from './dead-letters.ts';
import { readMessage, storedMessage, type NatsMessage } from './nats-message.ts';
import type { ConsumerInfo, ConsumerSettings, NatsServer } from './nats-server.ts';
import type { NatsStream } from './nats-stream.ts';
import { Once } from './once.ts';
import { UncountedDeliveries } from './uncounted-deliveries.ts';

/** A consumer, and the messages of the stream that it delivers. */
export interface StoreConsumer extends PulledConsumer {
  readonly subject: string;
}

export interface StoreOptions {
  readonly stream: NatsStream;
  /** The others start with the same message as the first one. */
  readonly consumers: readonly [StoreConsumer, ...StoreConsumer[]];
  /** The time of the first message that new consumers deliver. Undefined for all messages of the stream. */
  readonly since: Date | undefined;
  /** The first part of the subjects of notes. */
  readonly notes: string;
  /** The subject of messages that were dead letters. */
  readonly revived: string;
  readonly dead: { readonly stream: string; readonly subject: string };
  readonly leaseMs: number;
  /** Number of copies of a stream in a cluster. */
  readonly replicas: number;
}

export class NatsStore implements MessageStore<NatsMessage> {
  protected readonly server: NatsServer;
  protected readonly stream: NatsStream;
  readonly #options: StoreOptions;
  readonly #pull: Pull;
  readonly #uncounted: UncountedDeliveries;
  readonly #dead: DeadLetters;
  readonly #prepared = new Once(() => this.#prepare());

  constructor(server: NatsServer, options: StoreOptions) {
    const { stream, consumers, notes, dead, leaseMs, replicas } = options;
    this.server = server;
    this.stream = stream;
    this.#options = options;
    this.#pull = server.pull({
      stream: stream.name,
      consumers,
      leaseMs,
      restore: async (pulled) => this.#returnUncounted(await this.#read(pulled), 0),
    });
    this.#uncounted = new UncountedDeliveries(server, stream, notes);
    this.#dead = new DeadLetters(server, dead, replicas);
  }

  /** Creates the stream and the consumers, unless that was done before. */
  prepare(): Promise<void> {
    return this.#prepared.done();
  }

  async fetch(count: number, abort: AbortSignal): Promise<readonly NatsMessage[]> {
    await this.prepare();
    let pulled: readonly PulledMessage[];
    try {
      pulled = await this.#pull.take(count, abort);
    } catch (error) {
      // The server may have lost the stream or the consumers.
      this.stream.forget();
      this.#prepared.forget();
      throw error;
    }
    const admitted = await Promise.allSettled(pulled.map((message) => this.#admit(message)));
    const messages = admitted.flatMap((each) => (each.status === 'fulfilled' && each.value ? [each.value] : []));
    const failed = admitted.find((each) => each.status === 'rejected');
    if (failed && messages.length === 0) throw failed.reason;
    return messages;
  }

  async acknowledge(message: NatsMessage): Promise<void> {
    await this.#pull.respond(message.pulled, '+ACK');
    await this.#uncounted.remove(message.pulled);
  }

  async retry(message: NatsMessage, { delayMs, counts }: Retry): Promise<void> {
    if (counts) await this.#pull.respond(message.pulled, '-NAK', delayMs);
    else await this.#returnUncounted(message, delayMs);
  }

  async bury(message: NatsMessage, failure: Failure): Promise<void> {
    const { consumer, sequence } = message.pulled;
    await this.#dead.add(message, failure, message.attempt, `${consumer}-${sequence}`);
    await this.acknowledge(message);
  }

  async renew({ pulled }: NatsMessage): Promise<void> {
    await this.#pull.respond(pulled, '+WPI');
  }

  async state(): Promise<QueueState> {
    const states = await Promise.all(this.#options.consumers.map((consumer) => this.#stateOf(consumer)));
    const oldest = states.flatMap(({ oldestMs }) => oldestMs ?? []);
    return {
      ready: sum(states.map(({ ready }) => ready)),
      delayed: 0,
      running: sum(states.map(({ running }) => running)),
      dead: await this.#dead.count(),
      oldestMs: oldest.length > 0 ? Math.max(...oldest) : undefined,
    };
  }

  deadLetters(limit: number): Promise<readonly DeadEnvelope[]> {
    return this.#dead.list(limit);
  }

  revive(ids?: readonly string[]): Promise<number> {
    return this.#dead.revive(ids, (envelope, msgID) =>
      this.stream.publish(this.#options.revived, storedMessage(envelope, undefined, 0), { msgID }),
    );
  }

  /** Resolves when the messages that no handler has received were returned. */
  close(): Promise<void> {
    return this.#pull.idle();
  }

  async #prepare(): Promise<void> {
    await this.stream.create();
    const { consumers, since } = this.#options;
    const [first, ...others] = consumers;
    const start: Partial<ConsumerSettings> = since
      ? { deliver_policy: 'by_start_time', opt_start_time: since.toISOString() }
      : {};
    const { config } = await this.#createConsumer(first, start);
    const { deliver_policy, opt_start_time } = config;
    const same = { deliver_policy, ...(opt_start_time !== undefined && { opt_start_time }) };
    await Promise.all(others.map((consumer) => this.#createConsumer(consumer, same)));
  }

  #createConsumer({ name, subject, inOrder }: StoreConsumer, start: Partial<ConsumerSettings>): Promise<ConsumerInfo> {
    return this.server.ensureConsumer(this.stream.name, {
      durable_name: name,
      filter_subject: subject,
      ack_policy: 'explicit',
      ack_wait: this.#options.leaseMs * 1_000_000,
      max_ack_pending: inOrder ? 1 : -1,
      ...start,
    });
  }

  /** Reads a message. Returns it to the server if its delay is not over. */
  async #admit(pulled: PulledMessage): Promise<NatsMessage | undefined> {
    const message = await this.#read(pulled);
    const earlyMs = message.due - Date.now();
    if (earlyMs <= 0) return message;
    await this.#returnUncounted(message, earlyMs);
    return undefined;
  }

  async #read(pulled: PulledMessage): Promise<NatsMessage> {
    return { ...readMessage(this.stream.name, pulled), attempt: await this.#uncounted.attempt(pulled) };
  }

  async #returnUncounted({ pulled, attempt }: NatsMessage, delayMs: number): Promise<void> {
    await this.#uncounted.add(pulled, attempt - 1);
    await this.#pull.respond(pulled, '-NAK', delayMs);
  }

  async #stateOf({ name, subject }: StoreConsumer) {
    const stream = this.stream.name;
    const info = await this.server.consumerInfo(stream, name);
    // A queue without a consumer keeps its messages for a later one.
    const ready = info?.num_pending ?? (await this.server.count(stream));
    const next = (info?.delivered.stream_seq ?? 0) + 1;
    const oldest = ready > 0 ? await this.server.first(stream, subject, next) : undefined;
    return { ready, running: info?.num_ack_pending ?? 0, oldestMs: oldest && Date.now() - oldest.time.getTime() };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
