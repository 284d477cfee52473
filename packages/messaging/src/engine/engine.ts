/**
 * The interface of an engine: the operations of a broker that queues, topics and leaders need. It deals with bytes. Values,
 * schemas, attempts and the renewal of leases are the same for all engines, so they are elsewhere.
 */
import type { Retry } from '@asphalt/integration';

/** A message on its way to a handler. */
export interface Envelope {
  /** Identifies the message; the same for every attempt. */
  readonly id: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A message that an engine has passed to this process. Until it is settled, no other process receives it. */
export interface Claimed extends Envelope {
  /** The number of the attempt, from 1. */
  readonly attempt: number;
}

/** The reason why a message became a dead letter. */
export interface Failure {
  /** The first line of the error. */
  readonly reason: string;
  /** The code of the error, such as `ERR_MESSAGE_SCHEMA`. */
  readonly code: string | undefined;
}

/** A message that is not delivered again by itself. */
export interface DeadEnvelope extends Envelope, Failure {
  readonly attempts: number;
  readonly failedAt: Date;
}

/** The numbers of a queue. */
export interface QueueState {
  /** Number of messages that a handler could receive now. */
  readonly ready: number;
  /** Number of messages that wait for their delay or their next attempt. */
  readonly delayed: number;
  /** Number of messages that a handler has received. */
  readonly running: number;
  /** Number of dead letters. */
  readonly dead: number;
  /** The age of the oldest message that is ready, in milliseconds; undefined if none is. */
  readonly oldestMs: number | undefined;
}

/** The messages of a queue, or those of one group of a topic. */
export interface MessageStore<M extends Claimed = Claimed> {
  /** Waits for messages and claims them. Returns at most `count`, or none after a while or when `abort` fires. */
  fetch(count: number, abort: AbortSignal): Promise<readonly M[]>;
  /** Removes a message that was handled. */
  acknowledge(message: M): Promise<void>;
  /** Returns a message, which is delivered again after a delay. */
  retry(message: M, retry: Retry): Promise<void>;
  /** Moves a message to the dead letters. */
  bury(message: M, failure: Failure): Promise<void>;
  /** Extends the lease of a message. Engines without leases omit it. */
  renew?(message: M): Promise<void>;
  state(): Promise<QueueState>;
  /** Returns the oldest dead letters. */
  deadLetters(limit: number): Promise<readonly DeadEnvelope[]>;
  /** Sends dead letters again: those with the ids, or all. Returns their number. */
  revive(ids?: readonly string[]): Promise<number>;
}

/** How an engine stores a sent message. */
export interface Sending {
  readonly delayMs: number;
  /** A message with the key of an earlier one is dropped while the engine remembers that key. */
  readonly key: string | undefined;
}

export interface QueueStore<M extends Claimed = Claimed> extends MessageStore<M> {
  /** Stores a message. */
  send(envelope: Envelope, sending: Sending): Promise<void>;
  /** Returns the key that was sent last, including keys of handled messages. Engines that remember no keys omit it. */
  lastKey?(): Promise<string | undefined>;
}

export interface TopicStore {
  /** Stores a message for every group. Messages with the same key stay in order. */
  publish(envelope: Envelope, key: string | undefined): Promise<void>;
  /** Returns the messages of a group, and creates the group if it does not exist. */
  group(name: string, from: 'now' | 'start'): MessageStore;
}

/** A lease that at most one process holds. */
export interface LeaseStore {
  /** Returns the token of a new term, which is greater than all earlier ones; undefined if another process holds the lease. */
  acquire(leaseMs: number): Promise<number | undefined>;
  /** Extends the lease. Returns whether this process still holds it. */
  renew(token: number, leaseMs: number): Promise<boolean>;
  /** Ends the term, so that another process can take over at once. */
  release(token: number): Promise<void>;
}

/** The settings of a queue that concern its engine. */
export interface StoreSettings {
  /** Time for which the engine remembers keys, in milliseconds. */
  readonly keepMs: number;
  /** Time for which a topic keeps messages, in milliseconds. */
  readonly retainMs: number;
  /** Time after which an unsettled message of a crashed process is delivered again, in milliseconds. */
  readonly leaseMs: number;
  /** Whether at most one message is claimed at a time, over all processes. */
  readonly exclusive: boolean;
}

/**
 * A broker. The names that it receives consist of letters, digits, `-` and `_`. For each name it returns the same object, with the
 * settings of the first call.
 */
export interface Engine {
  /** Its name in messages, such as `memory`. */
  readonly name: string;
  queue(name: string, settings: StoreSettings): QueueStore;
  /** Omitted by engines without topics. */
  topic?(name: string, settings: StoreSettings): TopicStore;
  /** The shortest lease of a leader, in milliseconds. Omitted by engines without a limit. */
  readonly shortestLeaseMs?: number;
  /** Omitted by engines without leases. */
  lease?(name: string): LeaseStore;
  /** Returns the names of the stored queues, and those of groups as `topic.group`, also of other applications. */
  names(): Promise<readonly string[]>;
}
