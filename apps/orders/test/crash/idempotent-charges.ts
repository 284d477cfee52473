import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { httpServer, type TestServer } from '@asphalt/testing/servers';

/** A charge service that honors idempotency keys: it charges once per key, and repeats its response to a repeated request. */
export class IdempotentCharges implements AsyncDisposable {
  /** The number of charges of each order. */
  readonly byOrder = new Map<string, number>();
  /** The number of requests that have repeated a key. */
  repeated = 0;
  readonly #keys = new Set<string>();
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
  }

  async #charge(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { order } = (await json(request)) as { readonly order: string };
    const key = String(request.headers['idempotency-key']);
    if (this.#keys.has(key)) this.repeated++;
    else this.byOrder.set(order, (this.byOrder.get(order) ?? 0) + 1);
    this.#keys.add(key);
    response.writeHead(201).end();
  }
}
