import { Application, callAfter, Component, component, inject, provides, type Key } from '@asphalt/core';

import { ListenError } from './errors.ts';
import { freePortNear } from './server/free-port.ts';
import { HttpServer, type Fetch } from './server/http-server.ts';
import { Requests } from './request/requests.ts';
import { textOf } from './status-text.ts';
import { WebApp } from './web-app.ts';
import { webOptions } from './web-options.ts';

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

  @provides(WebApp)
  app(): WebApp {
    return new WebApp(this.#requests, this.logger);
  }

  /** @throws {@link ListenError} when the port is taken or the address cannot be had */
  override async *ready(
    @inject(WebApp) app: WebApp,
    @inject(Application) application: Application,
  ): AsyncGenerator<void> {
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
    app.checkNeeds((key) => this.#isProvided(key, application));
    this.context.onTeardown(app.listFunctions());
    const actualPort = await server.listen(host, port).catch(async (cause: NodeJS.ErrnoException) => {
      const isPortProblem = cause.code === 'EADDRINUSE' || cause.code === 'EACCES';
      const otherPort = isPortProblem ? await freePortNear(port, host) : 0;
      throw new ListenError(host, port, this.#setting(), cause, otherPort);
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

  /** Returns whether a component provides a key, or has published it without a declaration. */
  #isProvided({ id, name }: Key, { plan }: Application): boolean {
    // Other servers in this process may have replaced the global class, and requests are published under both.
    if (id === Request) return true;
    if (plan.providers.some((provider) => provider.name === name && provider.ids.includes(id))) return true;
    return [...this.context.keys()].some((key) => key.id === id && key.name === name);
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
  let cancel = (): void => undefined;
  const late = new Promise<boolean>((resolve) => {
    cancel = callAfter(limitMs, () => resolve(false));
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    cancel();
  }
}
