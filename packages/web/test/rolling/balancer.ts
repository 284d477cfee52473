/**
 * A balancer that forwards bytes. It polls the readiness of its backends and chooses a ready one for each connection. It
 * never tries another one: what fails there fails for the client.
 */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const host = '127.0.0.1';

/** The time between two polls of a backend, in milliseconds. */
const pollMs = 200;

export class Backend {
  isReady = false;
  /** The longest time until a poll noticed that the backend is not ready, in milliseconds; a drain delay below it fails. */
  slowestMs = 0;
  readonly port: number;
  #connections = 0;
  #changed = (): void => undefined;

  constructor(port: number) {
    this.port = port;
  }

  /** Resolves when the latest poll has this result. */
  until(isReady: boolean): Promise<void> {
    return this.#until(() => this.isReady === isReady);
  }

  /** Resolves when no connection is forwarded to the backend. */
  untilUnused(): Promise<void> {
    return this.#until(() => this.#connections === 0);
  }

  /** Counts a connection. @returns a function that ends it */
  connected(): () => void {
    this.#connections++;
    return () => {
      this.#connections--;
      this.#changed();
    };
  }

  async #until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  async poll(end: AbortSignal): Promise<void> {
    let latest = performance.now();
    while (!end.aborted) {
      const isReady = await this.#probe(AbortSignal.any([end, AbortSignal.timeout(10_000)]));
      if (this.isReady && !isReady) this.slowestMs = Math.max(this.slowestMs, performance.now() - latest);
      this.isReady = isReady;
      latest = performance.now();
      this.#changed();
      await pause(pollMs, undefined, { signal: end }).catch(() => undefined);
    }
  }

  async #probe(signal: AbortSignal): Promise<boolean> {
    try {
      const sent = request({ host, port: this.port, path: '/readyz', agent: false, signal }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      return response.statusCode === 200;
    } catch {
      return false;
    }
  }
}

export class Balancer {
  readonly backends: readonly Backend[];
  readonly #server: Server;
  readonly #end = new AbortController();
  readonly #sockets = new Set<Socket>();
  #next = 0;

  constructor(ports: readonly number[]) {
    this.backends = ports.map((port) => new Backend(port));
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#forward(client));
  }

  /** @returns the port of the balancer */
  async listen(): Promise<number> {
    for (const backend of this.backends) void backend.poll(this.#end.signal);
    this.#server.listen({ host, port: 0, backlog: 4096 });
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#end.abort();
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #forward(client: Socket): void {
    const ready = this.backends.filter(({ isReady }) => isReady);
    const chosen = ready[this.#next++ % ready.length];
    if (chosen === undefined) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host, port: chosen.port, allowHalfOpen: true, noDelay: true });
    server.once('close', chosen.connected());
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      // An end passes on after the data; an error at once.
      from.on('error', () => to.destroy());
      from.once('close', () => {
        this.#sockets.delete(from);
        if (!to.writableEnded) to.destroy();
      });
    }
  }
}
