import { Application, callAfter, Component, component, inject, provides, type Key } from '@asphalt/core';

import { ListenError } from './errors.ts';
import { DrainDelay } from './server/drain-delay.ts';
import { SocketError } from './server/errors.ts';
import { freePortNear } from './server/free-port.ts';
import { HealthEndpoints } from './server/health-endpoints.ts';
import { HttpServer, type Fetch, type HttpServerOptions } from './server/http-server.ts';
import { TlsFiles } from './server/tls-files.ts';
import { errorResponse } from './request/problem.ts';
import { AccessLog } from './request/access-log.ts';
import { Proxies } from './request/proxies.ts';
import { RequestIds } from './request/request-id.ts';
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
  /** The time of the latest warning about a refused connection. */
  #refusedAt = Number.NEGATIVE_INFINITY;

  @provides(WebApp)
  app(): WebApp {
    return new WebApp(this.#requests, this.logger, this.config.errors);
  }

  /** Opens the port of the health endpoints, if they have one of their own, so that probes see the start and the stop. */
  override start(@inject(Application) application: Application): AsyncGenerator<void> | undefined {
    return this.config.health.port === undefined ? undefined : this.#serveHealth(application);
  }

  /**
   * @throws {@link ListenError} when the port is taken or the address cannot be had
   * @throws {@link SocketError} when the unix socket cannot be had
   * @throws {@link TlsError} when the certificate cannot be used
   */
  override async *ready(
    @inject(WebApp) app: WebApp,
    @inject(Application) application: Application,
  ): AsyncGenerator<void> {
    const { drainDelay, shutdownTimeout } = this.config;
    const fetch: Fetch = (request, env) => {
      const response = app.fetch(request, env);
      return response instanceof Promise ? response.catch((error: unknown) => this.#fail(request, error)) : response;
    };
    const health = this.config.health.port === undefined ? this.#health(application) : undefined;
    const tls = this.config.tls && new TlsFiles(this.config.tls, `${this.#setting()}.tls`);
    const server = new HttpServer(fetch, {
      ...(await this.#serverOptions()),
      health,
      tls: (await tls?.load())?.context,
    });
    app.seal();
    app.checkNeeds((key) => this.#isProvided(key, application));
    app.checkPaths(health?.paths ?? []);
    this.context.onTeardown(app.listFunctions());
    app.url = await this.#listen(server);
    this.logger.info(`Listening on ${app.url}`, { url: app.url });
    this.#checkStopLimit(application);
    const unwatch = tls && this.#renew(server, tls);
    const delay = new DrainDelay(drainDelay, application, this.context.abort, () => server.drain());

    yield;

    await delay.wait();
    unwatch?.();
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

  async #serverOptions(): Promise<HttpServerOptions> {
    const { host, hosts, overrideGlobals, bodyLimit, trustProxy, proxyHeaders, requestId, accessLog } = this.config;
    const parse = proxyHeaders === 'forwarded' ? (await import('forwarded-parse')).default : undefined;
    return {
      hostname: host,
      hosts,
      overrideGlobals,
      bodyLimit,
      limits: this.config,
      proxies: trustProxy.length === 0 ? undefined : new Proxies(trustProxy, parse),
      requestIds: requestId === '' ? undefined : new RequestIds(requestId),
      accessLog: accessLog ? new AccessLog(this.logger) : undefined,
      errors: this.config.errors,
      onRefusedHost: (name) => this.#refusedHost(name),
      onRefusedConnection: () => this.#refusedConnection(),
    };
  }

  /** @returns the URL of the server */
  async #listen(server: HttpServer): Promise<string> {
    const { host, port, socket } = this.config;
    if (socket === undefined) return this.#listenOn(server, host, port, this.#setting());
    await server.listenOnSocket(socket).catch((error: NodeJS.ErrnoException) => {
      throw new SocketError(socket, this.#setting(), error);
    });
    return `unix:${socket}`;
  }

  async #listenOn(server: HttpServer, host: string, port: number, setting: string): Promise<string> {
    try {
      return `${server.scheme}://${reachable(host)}:${await server.listen(host, port)}`;
    } catch (error) {
      const cause = error as NodeJS.ErrnoException;
      const isPortProblem = cause.code === 'EADDRINUSE' || cause.code === 'EACCES';
      const otherPort = isPortProblem ? await freePortNear(port, host) : 0;
      throw new ListenError(host, port, setting, cause, otherPort);
    }
  }

  /** Uses renewed certificates. @returns a function that ends it */
  #renew(server: HttpServer, tls: TlsFiles): () => void {
    return tls.watch(
      ({ context, validTo }) => {
        server.renew(context);
        this.logger.info(`Using a new certificate, valid until ${validTo}`, { validTo });
      },
      (error) => this.logger.error('Cannot use the new certificate; the previous one stays in use', { error }),
    );
  }

  async *#serveHealth(application: Application): AsyncGenerator<void> {
    const { host = this.config.host, port = 0 } = this.config.health;
    const notFound: Fetch = () => new Response(textOf(404), { status: 404 });
    const health = this.#health(application);
    const server = new HttpServer(notFound, { hostname: host, limits: this.config, health });
    const url = await this.#listenOn(server, host, port, `${this.#setting()}.health`);
    this.logger.info(`Health endpoints on ${url}`, { url });

    yield;

    const closed = server.close();
    server.destroy();
    await closed;
  }

  #health(application: Application): HealthEndpoints {
    return new HealthEndpoints(this.config.health, (probe) => application.health({ for: probe }));
  }

  /** Returns whether a component provides a key, or has published it without a declaration. */
  #isProvided({ id, name }: Key, { plan }: Application): boolean {
    // Other servers in this process may have replaced the global class, and requests are published under both.
    if (id === Request) return true;
    if (plan.providers.some((provider) => provider.name === name && provider.ids.includes(id))) return true;
    return [...this.context.keys()].some((key) => key.id === id && key.name === name);
  }

  /** Warns if the application abandons its stop before the server has ended. */
  #checkStopLimit({ limits: { stopTimeout } }: Application): void {
    const { drainDelay, shutdownTimeout } = this.config;
    if (drainDelay === 0 || stopTimeout === 0 || drainDelay + shutdownTimeout < stopTimeout) return;
    const sum = `${(drainDelay + shutdownTimeout) / 1000} s`;
    this.logger.warn(
      `drainDelay and shutdownTimeout take up to ${sum}, but the stop limit is ${stopTimeout / 1000} s; raise stopTimeout`,
    );
  }

  /** Logged once, because everybody can send such requests. */
  #refusedHost(host: string): void {
    if (this.#hasRefusedHost) return;
    this.#hasRefusedHost = true;
    const setting = `${this.#setting()}.hosts`;
    this.logger.warn(`Refused a request for host ${JSON.stringify(host)}; to accept it, add it to ${setting}`);
  }

  /** Logged at most once per minute. */
  #refusedConnection(): void {
    const now = performance.now();
    if (now - this.#refusedAt < 60_000) return;
    this.#refusedAt = now;
    this.logger.warn(
      `Refused a connection: ${this.config.maxConnections} are open (${this.#setting()}.maxConnections)`,
    );
  }

  /** The response if the application has none, not even to its own failure. */
  #fail(request: Request, error: unknown): Response {
    this.logger.error(`${request.method} ${new URL(request.url).pathname} failed`, { error });
    return errorResponse(this.config.errors, 500, { path: new URL(request.url).pathname });
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
