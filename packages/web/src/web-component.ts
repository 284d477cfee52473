import { Component, component, defineConfig, inject, listOf, provides } from '@asphalt/core';

import { ListenError, WebConfigError } from './errors.ts';
import { HttpServer, type Fetch } from './http-server.ts';
import { Requests } from './requests.ts';
import { textOf } from './status-text.ts';
import { WebApp } from './web-app.ts';

export const webOptions = defineConfig({
  host: { doc: 'Address to listen on; 0.0.0.0 for all', format: 'string', default: '127.0.0.1' },
  port: { doc: 'Port to listen on; 0 for any that is free', format: 'port', default: 8000 },
  hosts: {
    doc: 'Host names that requests may use; by default any, but on a loopback address only localhost and its addresses',
    format: listOf('string'),
  },
  bodyLimit: { doc: 'Largest request body', format: 'bytes', default: '1MB' },
  stallTimeout: {
    doc: 'Time for a client to accept data of a streamed response while its context is open; then it is cut off',
    format: 'duration',
    default: '4s',
  },
  shutdownTimeout: {
    doc: 'Time limit for running requests when the server stops; then they are cut off. 0 means no limit',
    format: 'duration',
    default: '5s',
  },
  overrideGlobals: {
    doc: 'Replace the global Request and Response by faster classes, for all code of the process',
    format: 'boolean',
    default: false,
  },
});

/**
 * Serves a {@link WebApp} over HTTP, from the moment the application is ready.
 *
 * @remarks
 * Each request has a child context of this component's, with the standard `Request` as a resource. When the
 * application stops, no more requests are accepted, event streams end at once, and running requests are waited for.
 */
@component({ config: webOptions, description: 'HTTP server (hono)' })
@provides(Request, { scope: 'context' })
export class WebComponent extends Component<typeof webOptions> {
  readonly #requests = new Requests(this.context, this.logger, this.config.stallTimeout);
  #hasRefusedHost = false;

  constructor() {
    super();
    const { bodyLimit, hosts } = this.config;
    const setting = this.#setting();
    if (bodyLimit < 1)
      throw new WebConfigError(
        `${setting}.bodyLimit`,
        `must be at least 1 byte, got ${bodyLimit}`,
        'raise it for single routes with the middleware bodyLimit()',
      );
    if (hosts?.length === 0)
      throw new WebConfigError(
        `${setting}.hosts`,
        'must name a host, or be left out',
        'list the names that clients use, such as example.org',
      );
  }

  @provides(WebApp)
  app(): WebApp {
    return new WebApp(this.#requests, this.logger);
  }

  /** @throws {@link ListenError} when the port is taken or the address cannot be had */
  override async *ready(@inject(WebApp) app: WebApp): AsyncGenerator<void> {
    const { host, port, hosts, bodyLimit, shutdownTimeout, overrideGlobals } = this.config;
    const fetch: Fetch = (request, env) => {
      const response = app.fetch(request, env);
      return response instanceof Promise ? response.catch((error: unknown) => this.#fail(request, error)) : response;
    };
    const server = new HttpServer(fetch, {
      hostname: host,
      overrideGlobals,
      bodyLimit,
      hosts,
      onRefusedHost: (name) => this.#refusedHost(name),
    });
    app.seal();
    const actualPort = await server.listen(host, port).catch((cause: NodeJS.ErrnoException) => {
      throw new ListenError(host, port, this.#setting(), cause);
    });
    app.url = `http://${reachable(host)}:${actualPort}`;
    this.logger.info(`Listening on ${app.url}`, { url: app.url });

    yield;

    app.url = undefined;
    const done = Promise.all([server.close(), this.#requests.stop()]);
    // As for the limits of applications, 0 means no limit.
    if (shutdownTimeout === 0 || (await within(shutdownTimeout, done))) {
      await done;
      return;
    }
    this.#requests.cutOff(shutdownTimeout);
    server.destroy();
    await done;
  }

  /** Logged once, because everybody can send such requests. */
  #refusedHost(host: string): void {
    if (this.#hasRefusedHost) return;
    this.#hasRefusedHost = true;
    const setting = `${this.#setting()}.hosts`;
    this.logger.warn(`Refused a request for host ${JSON.stringify(host)}; to accept it, add it to ${setting}`);
  }

  /** The response if the application has none, not even to its own failure. */
  #fail(request: Request, error: unknown): Response {
    this.logger.error(`${request.method} ${new URL(request.url).pathname} failed`, { error });
    return new Response(textOf(500), { status: 500 });
  }

  /** The path of this component's options in the configuration. */
  #setting(): string {
    const aliases = this.path === '' ? [] : this.path.split('.');
    return ['component', ...aliases.flatMap((alias) => ['components', alias])].join('.');
  }
}

/** How a browser on this machine writes the host. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** Whether the work ends within the time. */
async function within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    // The longest time that a timer can count is 25 days.
    timer = setTimeout(resolve, Math.min(limitMs, 2 ** 31 - 1), false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
