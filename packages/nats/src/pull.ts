/**
 * Requests for messages of durable consumers. A request remains open at the server until its messages arrive or its time is over.
 * Messages that no handler receives return to the server, so that none waits for the end of its lease.
 */
import { randomUUID } from 'node:crypto';
import { callAfter } from '@asphalt/core';
import { InFlight, late, within } from '@asphalt/integration';
import type { Msg } from '@nats-io/transport-node';
import type { NatsSession } from './session.ts';

export interface PullOptions {
  readonly stream: string;
  readonly consumers: readonly PulledConsumer[];
  readonly leaseMs: number;
  /** Returns a message that no handler has received to the server. If it fails, the lease of the message ends. */
  readonly restore: (message: PulledMessage) => Promise<unknown>;
}

export interface PulledConsumer {
  readonly name: string;
  /** Whether the server delivers one message at a time to all processes. */
  readonly inOrder: boolean;
}

/** A message, with the facts that the server writes into its reply subject. */
export interface PulledMessage {
  readonly message: Msg;
  readonly consumer: string;
  /** Number of its deliveries. */
  readonly deliveries: number;
  /** Its place in the stream. */
  readonly sequence: number;
  /** The time when the stream stored it, in nanoseconds. */
  readonly storedAt: string;
}

/** The requests under one inbox. */
interface Requests {
  readonly inbox: string;
  /** For each consumer with a request: the number of messages that have not arrived. */
  readonly missing: Map<string, number>;
  /** Ends the requests. Resolves when no message is on its way. */
  readonly end: () => Promise<void>;
}

/** Longest time for which the server keeps a request, in milliseconds. */
const longestRequestMs = 5000;
/** Time after which the requests of a busy process end, in milliseconds. */
const restMs = 100;
/** Time after which the notice of the end of a request is missing, in milliseconds. */
const graceMs = 1000;

/** The messages of some consumers, for one handler at a time. */
export class Pull {
  readonly #session: NatsSession;
  readonly #options: PullOptions;
  readonly #requestMs: number;
  readonly #returning = new InFlight();
  #requests: Requests | undefined;
  /** The messages that have arrived and were not taken. */
  #arrived: PulledMessage[] = [];
  /** Ends the current call of `take`. */
  #wake: (error?: Error) => void = () => undefined;
  #cancelRest: () => void = () => undefined;
  #abort: AbortSignal | undefined;

  /** @internal */
  constructor(session: NatsSession, options: PullOptions) {
    this.#session = session;
    this.#options = options;
    // NATS 2.9 delivers a message twice if its lease ends before the last request of a killed process.
    this.#requestMs = Math.min(longestRequestMs, options.leaseMs / 2);
  }

  /**
   * Waits for messages. Returns at most `count`, or none after a while or when `abort` fires.
   *
   * @throws an error when the server refuses a request, for example because the consumer does not exist
   */
  async take(count: number, abort: AbortSignal): Promise<readonly PulledMessage[]> {
    if (abort.aborted) return [];
    if (this.#abort !== abort) {
      this.#abort = abort;
      abort.addEventListener('abort', () => this.#end(), { once: true });
    }
    this.#cancelRest();
    if (this.#arrived.length === 0) await this.#wait(count);
    const taken = this.#arrived.splice(0, count);
    if (!abort.aborted) this.#cancelRest = callAfter(restMs, () => this.#end());
    return taken;
  }

  /** Resolves when every message that no handler received has returned to the server. A stop has to wait for it. */
  idle(): Promise<void> {
    return this.#returning.idle();
  }

  /** Settles a message or extends its lease. Resolves when the server has confirmed it. */
  async respond({ message }: PulledMessage, text: '+ACK' | '+WPI' | '-NAK', delayMs = 0): Promise<void> {
    const { timeout } = this.#session.owner.config;
    const delay = delayMs > 0 ? ` {"delay":${Math.round(delayMs * 1_000_000)}}` : '';
    const { core } = this.#session.client;
    await this.#session.call(() => core.request(message.reply!, text + delay, { timeout }), Infinity);
  }

  async #wait(count: number): Promise<void> {
    this.#request(count);
    const waking = new Promise<void>((resolve, reject) => {
      this.#wake = (error) => (error ? reject(error) : resolve());
    });
    if ((await within(this.#requestMs + graceMs, waking)) !== late) return;
    this.#end();
    // The server ignores requests for consumers that do not exist.
    throw new Error('the server has not responded to a request for messages');
  }

  #request(count: number): void {
    const { core } = this.#session.client;
    const { inbox, missing } = (this.#requests ??= this.#subscribe());
    const { stream, consumers } = this.#options;
    for (const { name, inOrder } of consumers.filter((consumer) => !missing.has(consumer.name))) {
      const batch = inOrder ? 1 : count;
      missing.set(name, batch);
      const options = JSON.stringify({ batch, expires: this.#requestMs * 1_000_000 });
      core.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, options, { reply: `${inbox}.${name}` });
    }
  }

  #subscribe(): Requests {
    const inbox = `_INBOX.${randomUUID()}`;
    const subscription = this.#session.client.core.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (error) this.#wake(error);
        else this.#receive(message, requests);
      },
    });
    // The server forgets the requests of a connection that has ended.
    const outages = this.#session.link.lost.subscribe(() => this.#end());
    const end = (): Promise<void> => {
      outages.unsubscribe();
      return subscription.drain();
    };
    const requests: Requests = { inbox, missing: new Map(), end };
    return requests;
  }

  #receive(message: Msg, requests: Requests): void {
    const hasEnded = this.#requests !== requests;
    if (message.headers && message.headers.code > 0) {
      if (!hasEnded) this.#notice(message, requests);
      return;
    }
    const pulled = pulledMessage(message);
    if (hasEnded) return this.#return(pulled);
    const { consumer } = pulled;
    const missing = requests.missing.get(consumer)! - 1;
    if (missing > 0) requests.missing.set(consumer, missing);
    else requests.missing.delete(consumer);
    this.#arrived.push(pulled);
    this.#wake();
  }

  /** Notes that a request has ended. */
  #notice({ subject, headers }: Msg, { inbox, missing }: Requests): void {
    missing.delete(subject.slice(inbox.length + 1));
    const { code, description } = headers!;
    const isOver = code === 404 || code === 408;
    this.#wake(isOver ? undefined : new Error(`the server has refused a request for messages: ${code} ${description}`));
  }

  /** Ends all requests, and returns the messages that were not taken. */
  #end(): void {
    this.#cancelRest();
    for (const message of this.#arrived.splice(0)) this.#return(message);
    const requests = this.#requests;
    this.#requests = undefined;
    if (requests) this.#run(requests.end);
    this.#wake();
  }

  #return(message: PulledMessage): void {
    this.#run(() => this.#options.restore(message));
  }

  #run(call: () => Promise<unknown>): void {
    // Without a connection, no message is on its way, and each lease ends by itself.
    this.#returning.run(() => this.#session.call(call)).catch(() => undefined);
  }
}

/** Reads the reply subject of a delivery: `$JS.ACK.stream.consumer.…`. */
function pulledMessage(message: Msg): PulledMessage {
  const parts = message.reply!.split('.');
  // Newer servers add the domain and the account.
  const [consumer, deliveries, sequence, , storedAt] = parts.slice(parts.length > 9 ? 5 : 3);
  return {
    message,
    consumer: consumer!,
    deliveries: Number(deliveries),
    sequence: Number(sequence),
    storedAt: storedAt!,
  };
}
