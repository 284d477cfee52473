/** The calls of the engine to a NATS server. It must not know queues, topics or leases. */
import type { JetStream, NatsLink, Pull, PullOptions } from '@asphalt/nats';
import { MessagingServerError } from '../errors.ts';
import { Once } from './once.ts';

type JetStreamClient = JetStream['client'];
export type Manager = Awaited<ReturnType<JetStreamClient['jetstreamManager']>>;
export type PublishOptions = NonNullable<Parameters<JetStreamClient['publish']>[2]>;
export type StreamSettings = Parameters<Manager['streams']['add']>[0];
type StreamConfig = Awaited<ReturnType<Manager['streams']['info']>>['config'];
export type ConsumerSettings = Parameters<Manager['consumers']['add']>[1] & { readonly durable_name: string };
export type ConsumerInfo = Awaited<ReturnType<Manager['consumers']['info']>>;

/** The codes of JetStream's errors. */
const codes = { streamNotFound: 10_059, streamExists: 10_058, consumerNotFound: 10_014, wrongSequence: 10_071 };

export class NatsServer {
  readonly link: NatsLink;
  readonly #jetStream: JetStream;
  readonly #checked = new Once(() => this.#check());

  constructor(jetStream: JetStream, link: NatsLink) {
    this.link = link;
    this.#jetStream = jetStream;
  }

  /** @throws {@link MessagingServerError} when the server lacks a feature */
  check(): Promise<void> {
    return this.#checked.done();
  }

  manager(): Promise<Manager> {
    return this.#jetStream.client.jetstreamManager(false);
  }

  /** Stores data as JSON. Resolves with its sequence in the stream when the server has confirmed it. */
  async publish(subject: string, data: unknown, options?: PublishOptions): Promise<number> {
    const { seq } = await this.#jetStream.client.publish(subject, JSON.stringify(data), options);
    return seq;
  }

  /** Like {@link publish}, if the last message of the subject has a sequence; 0 for none. Otherwise returns undefined. */
  async publishAfter(
    sequence: number,
    subject: string,
    data: unknown,
    options?: PublishOptions,
  ): Promise<number | undefined> {
    try {
      return await this.publish(subject, data, { ...options, expect: { lastSubjectSequence: sequence } });
    } catch (error) {
      if (codeOf(error) !== codes.wrongSequence) throw error;
      return undefined;
    }
  }

  /**
   * Creates a stream, or changes the settings of an existing one.
   *
   * @param changes - whether to change the settings of an existing one
   */
  async ensureStream(settings: StreamSettings, changes: (known: StreamConfig) => boolean = () => true): Promise<void> {
    const { streams } = await this.manager();
    try {
      await streams.add({ ...settings });
    } catch (error) {
      if (codeOf(error) !== codes.streamExists) throw error;
      const { config } = await streams.info(settings.name);
      if (changes(config)) await streams.update(settings.name, settings);
    }
  }

  /** Creates a consumer, or changes the lease of an existing one. */
  async ensureConsumer(stream: string, settings: ConsumerSettings): Promise<ConsumerInfo> {
    const { consumers } = await this.manager();
    const { durable_name: name, ack_wait } = settings;
    const known = await this.consumerInfo(stream, name);
    if (!known) return consumers.add(stream, settings);
    return known.config.ack_wait === ack_wait ? known : consumers.update(stream, name, { ack_wait: ack_wait! });
  }

  /** Returns undefined if the consumer or its stream does not exist. */
  async consumerInfo(stream: string, name: string): Promise<ConsumerInfo | undefined> {
    const { consumers } = await this.manager();
    return consumers.info(stream, name).catch(undefinedIf(codes.consumerNotFound, codes.streamNotFound));
  }

  /** Returns the number of messages in a stream; 0 if it does not exist. */
  async count(stream: string): Promise<number> {
    const { streams } = await this.manager();
    const info = await streams.info(stream).catch(undefinedIf(codes.streamNotFound));
    return info?.state.messages ?? 0;
  }

  /** Returns the first message of a subject from a sequence on. */
  async first(stream: string, subject: string, sequence: number) {
    const { streams } = await this.manager();
    // The types of the driver lack the subject.
    const query = { seq: sequence, next_by_subj: subject } as { readonly seq: number };
    return this.#found(streams.getMessage(stream, query));
  }

  /** Returns the last message of a subject. */
  async last(stream: string, subject: string) {
    const { streams } = await this.manager();
    return this.#found(streams.getMessage(stream, { last_by_subj: subject }));
  }

  pull(options: PullOptions): Pull {
    return this.#jetStream.pull(options);
  }

  async #found<M>(message: Promise<M | null>): Promise<M | undefined> {
    return (await message.catch(undefinedIf(codes.streamNotFound))) ?? undefined;
  }

  async #check(): Promise<void> {
    try {
      await this.#jetStream.client.jetstreamManager(true);
    } catch (error) {
      if ((error as Error).name !== 'JetStreamNotEnabled') throw error;
      const help = 'start it with `-js`, or add `jetstream {}` to its configuration';
      throw new MessagingServerError(this.link.server, 'does not run JetStream', help, error);
    }
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}

function undefinedIf(...expected: readonly number[]) {
  return (error: unknown): undefined => {
    if (!expected.includes(codeOf(error) as number)) throw error;
    return undefined;
  };
}
