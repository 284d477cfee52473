import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Responder = (request: IncomingMessage, response: ServerResponse) => void;

/** A real local server whose response a test can change at any time. */
export class WebSite {
  /** Responds to every request. */
  respond: Responder = text('');
  readonly requests: IncomingMessage[] = [];
  url = '';
  readonly #server = createServer((request, response) => {
    this.requests.push(request);
    this.respond(request, response);
  });

  static async open(host = '127.0.0.1'): Promise<WebSite> {
    const site = new WebSite();
    await new Promise<void>((resolve) => site.#server.listen(0, host, resolve));
    site.url = `http://${host}:${(site.#server.address() as AddressInfo).port}/`;
    return site;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Responds with a page and its ETag, or with 304 if the client sends this ETag. */
export function text(body: string, headers: Record<string, string> = {}): Responder {
  const etag = `"${Buffer.from(body).toString('base64url').slice(0, 40)}"`;
  return (request, response) => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { 'content-type': 'text/plain', etag, ...headers }).end(body);
  };
}

export function html(body: string): Responder {
  return text(`<!doctype html><body>${body}</body>`, { 'content-type': 'text/html; charset=utf-8' });
}

export function failure(status: number, headers: Record<string, string> = {}): Responder {
  return (_request, response) => {
    response.writeHead(status, headers).end('no');
  };
}
