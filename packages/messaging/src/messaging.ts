import { providedBy, type Logger, type StandardSchema } from '@asphalt/core';
import { durationMs, type Duration } from '@asphalt/core/deliveries';
import { JsonSerializer, type BackOff, type Serializer } from '@asphalt/integration';
import type {
  Engine,
  LeaseStore,
  MessageStore,
  QueueState,
  QueueStore,
  StoreSettings,
  TopicStore,
} from './engine/engine.ts';
import { EngineLeader } from './engine/engine-leader.ts';
import { EngineQueue, readable } from './engine/engine-queue.ts';
import { EngineTopic } from './engine/engine-topic.ts';
import type { SourceOptions } from './engine/source.ts';
import { MessagingOptionError, MessagingUnsupportedError } from './errors.ts';
import type { Leader } from './leader.ts';
import { MessageSchema } from './message-schema.ts';
import { checkName } from './names.ts';
import type { MessagingConfig } from './options.ts';
import type { DeadLetter, Queue } from './queue.ts';
import type { Topic } from './topic.ts';

/** The options of a queue or topic. Those of its name in the configuration take precedence over them. */
export interface QueueOptions<T> {
  /** Number of attempts before a message becomes a dead letter. @default 5 */
  readonly attempts?: number;
  /** Random delays between attempts, which double from attempt to attempt. @default from 1 s to 1 min */
  readonly backoff?: { readonly minDelay?: Duration; readonly maxDelay?: Duration };
  /** Validates payloads before the handler. A message that does not fit becomes a dead letter without a retry. */
  readonly schema?: StandardSchema<unknown, T>;
}

export interface LeaderOptions {
  /** Time after which another process takes over from one that has crashed. @default '30s', the component's `lease` */
  readonly lease?: Duration;
}

/** The numbers of a queue, or of a group as `topic.group`. `asphalt queues` prints them. */
export interface NamedState extends QueueState {
  readonly name: string;
}

/** `asphalt queues` finds the class by this mark, in every copy of the package. */
const mark: unique symbol = Symbol.for('@asphalt/messaging/messaging') as never;

/**
 * Creates the queues, topics and leaders of an engine. Publish each under a typed token, so that the compiler compares sender,
 * handler and message type.
 *
 * @example
 * @provides(Mails)
 * mails(@inject(Messaging) messaging: Messaging): Queue<Mail> {
 *   return messaging.queue('mails', { attempts: 5, schema: mailSchema });
 * }
 */
export class Messaging {
  static readonly [mark] = true;
  /** Writes and reads the payloads. */
  readonly serializer: Serializer;
  readonly #engine: Engine;
  readonly #config: MessagingConfig;
  readonly #logger: Logger;
  readonly #declared = new Map<string, { readonly options: object; readonly value: unknown }>();

  constructor(engine: Engine, config: MessagingConfig, logger: Logger, serializer: Serializer = new JsonSerializer()) {
    this.#engine = engine;
    this.#config = config;
    this.#logger = logger;
    this.serializer = serializer;
  }

  /** The name of the engine, such as `memory`. */
  get engine(): string {
    return this.#engine.name;
  }

  /**
   * Returns the queue of a name. Several calls with the same options return the same object.
   *
   * @throws {@link MessagingOptionError} when a name or an option cannot be used, or when the name has other options
   */
  queue<T>(name: string, options: QueueOptions<T> = {}): Queue<T> {
    return this.exclusiveQueue(name, options, false);
  }

  /** Returns a queue. With `exclusive`, all processes together handle one message at a time. @internal */
  exclusiveQueue<T>(name: string, options: QueueOptions<T>, exclusive: boolean): EngineQueue<T> {
    return this.#once('queue', name, options, () => {
      const store = this.queueStore(name, exclusive);
      return new EngineQueue(store, this.#sourceOptions('queue', name, options));
    });
  }

  /**
   * Returns the topic of a name.
   *
   * @throws {@link MessagingUnsupportedError} when the engine has no topics; {@link MessagingOptionError} as for a queue
   */
  topic<T>(name: string, options: QueueOptions<T> = {}): Topic<T> {
    return this.#once('topic', name, options, () => {
      return new EngineTopic(this.topicStore(name), this.#sourceOptions('topic', name, options));
    });
  }

  /**
   * Returns the leader of a name. One of the processes that run it holds its lease.
   *
   * @throws {@link MessagingUnsupportedError} when the engine has no leases; {@link MessagingOptionError} as for a queue
   */
  leader(name: string, options: LeaderOptions = {}): Leader {
    return this.#once('leader', name, options, () => {
      const leaseMs = this.#ms(subjectOf('leader', name), 'lease', options.lease, this.#config.lease);
      const store: LeaseStore | undefined = this.#engine.lease?.(name);
      if (!store) throw new MessagingUnsupportedError(this.engine, 'leaders', name);
      const { shortestLeaseMs = 0 } = this.#engine;
      if (leaseMs < shortestLeaseMs) {
        const problem = `must be at least ${shortestLeaseMs} ms on the ${this.engine} engine`;
        throw new MessagingOptionError(subjectOf('leader', name), 'lease', problem);
      }
      return new EngineLeader(store, { name, leaseMs, logger: this.#logger });
    });
  }

  /** Returns the numbers of all queues and groups of the engine, sorted by their names. */
  async states(): Promise<readonly NamedState[]> {
    const names = [...new Set(await this.#engine.names())].sort();
    return Promise.all(names.map(async (name) => ({ name, ...(await this.#store(name).state()) })));
  }

  /** Returns the oldest dead letters of a queue or group by its name in {@link states}; undefined if it does not exist. */
  async deadLetters(name: string, limit = 100): Promise<readonly DeadLetter[] | undefined> {
    if (!(await this.#engine.names()).includes(name)) return undefined;
    const letters = await this.#store(name).deadLetters(limit);
    return letters.map((letter) => readable(letter, this.serializer));
  }

  /**
   * Sends the dead letters of a queue or group again.
   *
   * @param ids - defaults to all
   * @returns their number; undefined if the queue does not exist
   */
  async retryDeadLetters(name: string, ids?: readonly string[]): Promise<number | undefined> {
    return (await this.#engine.names()).includes(name) ? this.#store(name).revive(ids) : undefined;
  }

  #store(name: string): MessageStore {
    const [topic = '', group] = name.split('.');
    return group === undefined ? this.queueStore(name) : this.topicStore(topic).group(group, 'now');
  }

  /** Returns the messages of a queue, also of one that only other applications declare. @internal */
  queueStore(name: string, exclusive = false): QueueStore {
    return this.#engine.queue(name, this.#storeSettings(name, exclusive));
  }

  /** Returns the messages of a topic. @throws {@link MessagingUnsupportedError} when the engine has none @internal */
  topicStore(name: string): TopicStore {
    const store = this.#engine.topic?.(name, this.#storeSettings(name, false));
    if (!store) throw new MessagingUnsupportedError(this.engine, 'topics', name);
    return store;
  }

  #once<R>(kind: Kind, name: string, options: object, create: () => R): R {
    const id = `${kind} ${name}`;
    const known = this.#declared.get(id);
    if (known) {
      if (areEqual(known.options, options)) return known.value as R;
      const help = 'publish it once, and inject the resource';
      throw new MessagingOptionError(subjectOf(kind, name), 'name', 'is used twice with different options', help);
    }
    checkName(kind, name);
    const value = create();
    this.#declared.set(id, { options, value });
    return value;
  }

  #storeSettings(name: string, exclusive: boolean): StoreSettings {
    const { keep, retain, lease, queues } = this.#config;
    const own = queues[name];
    const [keepMs, retainMs] = [own?.keep ?? keep, own?.retain ?? retain];
    return { keepMs, retainMs, leaseMs: own?.lease ?? lease, exclusive };
  }

  #sourceOptions<T>(kind: Kind, name: string, { attempts, backoff = {}, schema }: QueueOptions<T>): SourceOptions<T> {
    const subject = subjectOf(kind, name);
    const own = this.#config.queues[name];
    const limit = own?.attempts ?? attempts ?? this.#config.attempts;
    if (!Number.isInteger(limit) || limit < 1) {
      throw new MessagingOptionError(subject, 'attempts', 'must be a whole number from 1 up');
    }
    const bounds = this.#config.backoff;
    const backOff: BackOff = own?.backoff ?? {
      minDelay: this.#ms(subject, 'backoff.minDelay', backoff.minDelay, bounds.minDelay),
      maxDelay: this.#ms(subject, 'backoff.maxDelay', backoff.maxDelay, bounds.maxDelay),
    };
    return {
      name,
      attempts: limit,
      backOff,
      schema: schema && new MessageSchema(name, schema),
      leaseMs: own?.lease ?? this.#config.lease,
      serializer: this.serializer,
      logger: this.#logger,
    };
  }

  #ms(subject: string, option: string, span: Duration | undefined, otherwise: number): number {
    if (span === undefined) return otherwise;
    const ms = durationMs(span);
    if (ms !== undefined) return ms;
    throw new MessagingOptionError(subject, option, 'must be a duration such as 500, "10s" or "5m"');
  }
}

providedBy('MessagingComponent of @asphalt/messaging, or the component of another engine')(Messaging);

type Kind = 'queue' | 'topic' | 'leader';

function subjectOf(kind: Kind, name: string): string {
  return `${kind} "${name}"`;
}

function areEqual(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b) && schemaOf(a) === schemaOf(b);
}

function schemaOf(options: object): unknown {
  return 'schema' in options ? options.schema : undefined;
}
