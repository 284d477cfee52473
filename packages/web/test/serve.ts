import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';

import { Context } from '@asphalt/core';
import { type LogLine, recordingLogger } from '@asphalt/test-support';
import { onTestFinished } from 'vitest';

import { HttpServer, type HttpServerOptions } from '../src/server/http-server.ts';
import { Requests } from '../src/request/requests.ts';
import { WebApp } from '../src/web-app.ts';

export interface Served {
  readonly app: WebApp;
  readonly root: Context;
  readonly requests: Requests;
  readonly server: HttpServer;
  readonly url: string;
  readonly lines: LogLine[];
}

/** Serves an application on a free port until the test ends. */
export async function serve(
  addRoutes: (app: WebApp) => void,
  root = new Context('app'),
  { stallMs = 4000, ...options }: Partial<HttpServerOptions> & { stallMs?: number } = {},
): Promise<Served> {
  const { logger, lines } = recordingLogger();
  const requests = new Requests(root, logger, stallMs);
  const app = new WebApp(requests, logger);
  addRoutes(app);
  const server = new HttpServer(app.fetch, { hostname: '127.0.0.1', ...options });
  const url = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  onTestFinished(async () => {
    const closed = server.close();
    server.destroy();
    await closed;
  });
  return { app, root, requests, server, url, lines };
}

/** Sends a GET whose connection the test can break off. */
export async function get(url: string): Promise<{ outgoing: ClientRequest; response: IncomingMessage }> {
  const outgoing = request(url, { agent: false }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { outgoing, response };
}
