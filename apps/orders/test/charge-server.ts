/** A charge service that records its requests and fails on demand. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpServer, type TestServer } from '@asphalt/testing/servers';
import { json } from 'node:stream/consumers';

interface ChargeRequest {
  readonly order: string;
  readonly amount: number;
}

export class ChargeServer {
  /** The accepted requests to charge an order. */
  readonly requests: Array<ChargeRequest & { readonly key: string | undefined }> = [];
  /** The decision about each order, which never changes. */
  readonly decisions = new Map<string, 201 | 402 | 409>();
  /** Responses to the next requests instead of a decision. */
  readonly failures: number[] = [];
  /** Resolves before each decision. */
  beforeDecision: (order: string) => Promise<void> = async () => undefined;
  /** Amounts above it are declined. */
  limit = 50_000;
  #server!: TestServer;

  private constructor() {}

  static async open(): Promise<ChargeServer> {
    const opened = new ChargeServer();
    opened.#server = await httpServer((request, response) => void opened.#respond(request, response));
    return opened;
  }

  get url(): string {
    return this.#server.url;
  }

  close(): Promise<void> {
    return this.#server.stop();
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.statusCode = this.failures.shift() ?? (await this.#decide(request));
    response.end();
  }

  async #decide(request: IncomingMessage): Promise<number> {
    if (request.method === 'DELETE') {
      const order = request.url!.split('/').at(-1)!;
      if (this.decisions.get(order) === 201) return 409;
      this.decisions.set(order, 409);
      return 204;
    }
    const charge = (await json(request)) as ChargeRequest;
    this.requests.push({ ...charge, key: request.headers['idempotency-key'] as string | undefined });
    await this.beforeDecision(charge.order);
    const decision = this.decisions.get(charge.order) ?? (charge.amount > this.limit ? 402 : 201);
    this.decisions.set(charge.order, decision);
    return decision;
  }
}
