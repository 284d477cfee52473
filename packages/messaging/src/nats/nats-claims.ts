/**
 * The requests for messages of a store. A request remains open at the server until messages arrive or its time is over. Messages
 * that arrive while no handler is free return to the server soon.
 */
import { callAfter } from '@asphalt/core';
import { InFlight, late, within } from '@asphalt/integration';
import type { Msg, NatsServer } from './nats-server.ts';

/** A consumer from which messages are claimed. */
export interface ClaimedConsumer {
  readonly name: string;
  /** Whether the server delivers one message at a time to all processes. */
  readonly inOrder: boolean;
}

/** Longest time for which the server keeps a request, in milliseconds. */
const longestRequestMs = 5000;
/** Time after which the requests of a busy process end, in milliseconds. */
const restMs = 100;

/** Time after which the notice of the end of a request is missing, in milliseconds. */
const graceMs = 1000;

type Subscription = ReturnType<NatsServer['nats']['client']['subscribe']>;

/** The requests under one inbox. */
interface Requests {
  readonly inbox: string;
  readonly subscription: Subscription;
  /** For each consumer: the number of requested messages that have not arrived. */
  readonly open: number[];
  hasEnded: boolean;
}

export interface ClaimsOptions {
  readonly stream: string;
  readonly consumers: readonly ClaimedConsumer[];
  readonly leaseMs: number;
  /** Returns a message to the server. */
  readonly restore: (message: Msg) => Promise<void>;
}

export class NatsClaims {
  readonly #server: NatsServer;
  readonly #stream: string;
  readonly #consumers: readonly ClaimedConsumer[];
  readonly #requestMs: number;
  readonly #restore: (message: Msg) => Promise<void>;
  readonly #returning = new InFlight();
  readonly #outages: { unsubscribe(): void };
  #ahead: Msg[] = [];
  #requests: Requests | undefined;
  #failure: Error | undefined;
  #arrived: () => void = () => undefined;
  #cancelRest: () => void = () => undefined;
  /** Ends the current consumption. */
  #abort: AbortSignal | undefined;

  constructor(server: NatsServer, { stream, consumers, leaseMs, restore }: ClaimsOptions) {
    this.#server = server;
    this.#stream = stream;
    this.#consumers = consumers;
    this.#restore = restore;
    // NATS 2.9 delivers a message twice if its lease ends before the last request of a killed process.
    this.#requestMs = Math.min(longestRequestMs, leaseMs / 2);
    // The server forgets the requests of a connection that has ended.
    this.#outages = server.link.lost.subscribe(() => this.#end());
  }

  /**
   * Waits for messages. Returns at most `count`, or none after a while or when `abort` fires.
   *
   * @throws an error when the server refuses a request, for example because the consumer does not exist
   */
  async take(count: number, abort: AbortSignal): Promise<readonly Msg[]> {
    if (this.#abort !== abort) {
      this.#abort = abort;
      abort.addEventListener('abort', () => this.#end(), { once: true });
    }
    this.#cancelRest();
    if (this.#ahead.length === 0) await this.#wait(count, abort);
    if (abort.aborted) return [];
    const taken = this.#ahead.splice(0, count);
    if (taken.length === 0 && this.#failure) {
      const failure = this.#failure;
      this.#failure = undefined;
      throw failure;
    }
    this.#cancelRest = callAfter(restMs, () => this.#end());
    return taken;
  }

  /** Resolves when no message is left to return. */
  async close(): Promise<void> {
    this.#outages.unsubscribe();
    this.#end();
    await this.#returning.idle();
  }

  async #wait(count: number, abort: AbortSignal): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    this.#request(count);
    const result = await within(this.#requestMs + graceMs, arrived, abort).catch(() => undefined);
    if (result !== late) return;
    this.#end();
    // The server ignores requests for consumers that do not exist.
    this.#failure ??= new Error('the server has not responded to a request for messages');
  }

  #request(count: number): void {
    const { client } = this.#server.nats;
    const requests = (this.#requests ??= this.#subscribe());
    for (const [index, { name, inOrder }] of this.#consumers.entries()) {
      const batch = (inOrder ? 1 : count) - requests.open[index]!;
      if (batch <= 0) continue;
      requests.open[index]! += batch;
      const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${name}`;
      const options = JSON.stringify({ batch, expires: this.#requestMs * 1_000_000 });
      client.publish(subject, options, { reply: `${requests.inbox}.${index}` });
    }
  }

  #subscribe(): Requests {
    const { client } = this.#server.nats;
    const inbox = `_INBOX.${crypto.randomUUID()}`;
    const subscription = client.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (error) this.#fail(error);
        else this.#receive(message, requests);
      },
    });
    const requests: Requests = { inbox, subscription, open: this.#consumers.map(() => 0), hasEnded: false };
    return requests;
  }

  #receive(message: Msg, requests: Requests): void {
    const status = message.headers?.code ?? 0;
    if (status > 0) return this.#notice(message, requests);
    if (requests.hasEnded) return this.#return(message);
    const { consumer } = deliveryOf(message);
    requests.open[this.#consumers.findIndex(({ name }) => name === consumer)]!--;
    this.#ahead.push(message);
    this.#arrived();
  }

  /** Notes that a request has ended. */
  #notice({ subject, headers }: Msg, requests: Requests): void {
    if (requests.hasEnded) return;
    const index = Number(subject.slice(requests.inbox.length + 1));
    const { code, description } = headers!;
    const isOver = code === 404 || code === 408;
    const missing = isOver
      ? Number(headers!.get('Nats-Pending-Messages') || requests.open[index])
      : requests.open[index];
    requests.open[index] = Math.max(0, requests.open[index]! - missing!);
    if (isOver) this.#arrived();
    else this.#fail(new Error(`the server has refused a request for messages: ${code} ${description}`));
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#arrived();
  }

  /** Ends all requests, and returns the messages that no handler has received. */
  #end(): void {
    this.#cancelRest();
    for (const message of this.#ahead.splice(0)) this.#return(message);
    const requests = this.#requests;
    this.#requests = undefined;
    if (requests) {
      requests.hasEnded = true;
      // Messages that are on their way still arrive. Without a connection, none is.
      void this.#returning.run(() => requests.subscription.drain().catch(() => undefined));
    }
    this.#arrived();
  }

  #return(message: Msg): void {
    // If this fails, the lease ends.
    void this.#returning.run(() => this.#restore(message)).catch(() => undefined);
  }
}

/** Reads the facts that the server writes into the reply subject of a delivery: `$JS.ACK.stream.consumer.…`. */
export function deliveryOf({ reply = '' }: Msg): { consumer: string; deliveries: number; sequence: number } {
  const parts = reply.split('.');
  // Newer servers add the domain and the account.
  const first = parts.length > 9 ? 5 : 3;
  return { consumer: parts[first]!, deliveries: Number(parts[first + 1]), sequence: Number(parts[first + 2]) };
}
