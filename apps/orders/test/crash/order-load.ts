/** Clients that place orders one after the other. Each repeats its request until a process has accepted it. */
import { setTimeout as pause } from 'node:timers/promises';

export interface OrderLoadOptions {
  /** The URLs of the web processes. */
  readonly urls: readonly string[];
  readonly clients: number;
  /** The average time between two orders of a client, in milliseconds. @default 50 */
  readonly pauseMs?: number | undefined;
  /** Returns numbers from 0 to 1. */
  readonly random: () => number;
  /** Returns the number of orders that are finished. */
  readonly finished: () => number;
}

/** New orders wait while so many are not finished, so that a slow machine is not overloaded. */
const maxUnfinished = 100;

export class OrderLoad {
  /** The ids of the orders that were accepted, by the keys of their requests. */
  readonly accepted = new Map<string, string>();
  /** Requests without a response from the application. */
  repeated = 0;
  /** Keys for which two responses have named different orders. */
  readonly ambiguous: string[] = [];
  readonly #options: OrderLoadOptions;
  readonly #aborted = new AbortController();
  #hasEnded = false;
  #next = 0;

  constructor(options: OrderLoadOptions) {
    this.#options = options;
  }

  /** Places orders until {@link end} is called. Resolves when all of them are accepted. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.clients }, () => this.#placeOrders()));
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** Ends without waiting for the orders that are not accepted yet. */
  abort(): void {
    this.end();
    this.#aborted.abort();
  }

  async #placeOrders(): Promise<void> {
    const { random, finished, pauseMs = 50 } = this.#options;
    while (!this.#hasEnded) {
      if (this.accepted.size - finished() < maxUnfinished) await this.#place(`request-${this.#next++}`);
      await pause(random() * 2 * pauseMs);
    }
  }

  async #place(key: string): Promise<void> {
    while (!this.#aborted.signal.aborted) {
      const id = await this.#request(key);
      if (id !== undefined) {
        this.accepted.set(key, id);
        // A client that has lost the response would repeat its request.
        if (this.#options.random() < 0.1 && ((await this.#request(key)) ?? id) !== id) this.ambiguous.push(key);
        return;
      }
      this.repeated++;
      await pause(100);
    }
  }

  /** Sends a request to a random process. @returns the id of the order, or undefined if the process did not accept it */
  async #request(key: string): Promise<string | undefined> {
    const { urls, random } = this.#options;
    const signal = AbortSignal.any([this.#aborted.signal, AbortSignal.timeout(10_000)]);
    try {
      const response = await fetch(`${urls[Math.floor(random() * urls.length)]}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ email: 'ada@example.org', items: [{ product: 'beans', quantity: 1 }] }),
        signal,
      });
      const body = (await response.json()) as { readonly id?: string };
      return response.status === 201 ? body.id : undefined;
    } catch {
      return undefined;
    }
  }
}
