import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import { ExchangeResponse } from './exchange.ts';

/** A response that can be the last one of its connection, whatever its handler puts into the header `connection`. */
export class ClosableResponse extends ExchangeResponse {
  #isLast = false;

  get isLast(): boolean {
    return this.#isLast;
  }

  set isLast(isLast: boolean) {
    if (this.headersSent) return;
    this.#isLast = isLast;
    if (isLast) this.setHeader('connection', 'close');
    else this.removeHeader('connection');
  }

  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    // Node accepts headers in place of the reason.
    if (!this.#isLast) return super.writeHead(status, reason as string, headers);
    return super.writeHead(status, withoutConnection(reason) as string, withoutConnection(headers) as Headers);
  }
}

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** Returns headers without those that keep a connection. The adapter passes headers as an object. */
function withoutConnection(headers: string | Headers | undefined): string | Headers | undefined {
  if (typeof headers !== 'object' || Array.isArray(headers)) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(?:connection|keep-alive)$/i.test(name)));
}
