import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { httpServer, type TestServer } from '@asphalt/testing/servers';

/** A charge service that honors idempotency keys: it charges once per key, and repeats its response to a repeated request. */
export class IdempotentCharges {
  /** The charges of each order. */
  readonly charges = new Map<string, number>();
  /** The requests with each key. */
  readonly calls = new Map<string, number>();
  #server!: TestServer;

  private constructor() {}

  static async open(): Promise<IdempotentCharges> {
    const opened = new IdempotentCharges();
    // A request of a killed process ends early.
    opened.#server = await httpServer((request, response) => {
      opened.#charge(request, response).catch(() => response.destroy());
    });
    return opened;
  }

  get url(): string {
    return this.#server.url;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #charge(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { order } = (await json(request)) as { readonly order: string };
    const key = String(request.headers['idempotency-key']);
    const calls = (this.calls.get(key) ?? 0) + 1;
    this.calls.set(key, calls);
    if (calls === 1) this.charges.set(order, (this.charges.get(order) ?? 0) + 1);
    response.writeHead(201).end();
  }
}
