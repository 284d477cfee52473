/**
 * A TCP proxy that fails on demand. The wire owns the listening port and the faults; a `WireConnection` forwards the bytes
 * of one client. It knows no protocol.
 */

import { createServer, type Server } from 'node:net';
import { isPortTaken, listenAt, listenAtFreePort, loopback } from './ports.ts';
import { WireConnection, type Target, type WireFaults } from './wire-connection.ts';

/** How often `restore()` tries to listen at the port again while another program uses it. */
const listenAttempts = 100;
const listenDelayMs = 50;
const longestDelayMs = 2 ** 31 - 1;

/** A TCP proxy on the loopback interface, between a client and its server, that fails on demand. */
export class Wire implements AsyncDisposable {
  readonly host = loopback;
  readonly port: number;
  readonly #connections = new Set<WireConnection>();
  readonly #faults: WireFaults = { delayMs: 0, blackHole: undefined, cuts: new Set() };
  #target: Target;
  /** Undefined while connections are refused. */
  #server: Server | undefined;

  private constructor(target: Target, port: number) {
    this.#target = target;
    this.port = port;
  }

  /** Opens a wire to a server. The server need not run yet. */
  static async open(target: Target): Promise<Wire> {
    const server = createServer({ allowHalfOpen: true });
    const wire = new Wire(target, await listenAtFreePort(server));
    wire.#accept(server);
    return wire;
  }

  /** Returns the URL of a server with the host and the port of the wire. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = this.host;
    changed.port = String(this.port);
    return changed.href;
  }

  /** The number of clients that are connected. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Changes the server of the connections that clients open from now on. */
  connectTo(target: Target): void {
    this.#target = target;
  }

  /** Resets all connections. Clients can connect again. */
  cut(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /** Accepts connections and bytes but forwards nothing until `flow()` or `restore()`. */
  blackHole(): void {
    if (this.#faults.blackHole) return;
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    this.#faults.blackHole = { ended, end };
    for (const connection of this.#connections) connection.pause();
  }

  /**
   * Delays all bytes, in both directions.
   *
   * @throws a RangeError unless the delay is from 0 to about 24 days
   */
  delay(ms: number): void {
    if (!(ms >= 0 && ms <= longestDelayMs))
      throw new RangeError(`Expected a delay from 0 to ${longestDelayMs} ms, got ${ms}`);
    this.#faults.delayMs = ms;
  }

  /** Refuses new connections. Open ones continue. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /**
   * Resets the first connection whose client sends the pattern. The server receives it; its next bytes, which are the
   * reply, are discarded before the reset. `restore()` cancels the fault.
   *
   * @param pattern - text in the encoding latin1; a match may span at most 1,024 bytes of several packets
   * @returns a promise that resolves after the reset, or when the fault is canceled
   */
  cutAfter(pattern: string | RegExp): Promise<void> {
    return new Promise((done) => this.#faults.cuts.add({ pattern, done }));
  }

  /** Ends a black hole: delivers the bytes that it held back. */
  flow(): void {
    const { blackHole } = this.#faults;
    this.#faults.blackHole = undefined;
    blackHole?.end();
    for (const connection of this.#connections) connection.resume();
  }

  /** Ends all faults. Connections that were reset stay closed. */
  async restore(): Promise<void> {
    this.flow();
    this.#faults.delayMs = 0;
    for (const { done } of this.#faults.cuts) done();
    this.#faults.cuts.clear();
    if (!this.#server) await this.#listen();
  }

  /** Refuses connections and resets all open ones. */
  async close(): Promise<void> {
    this.refuse();
    const closed = Array.from(this.#connections, (connection) => connection.closed);
    this.cut();
    await Promise.all(closed);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true });
    this.#accept(server);
    for (let attempt = 1; ; attempt++) {
      try {
        return await listenAt(server, this.port);
      } catch (error) {
        if (!isPortTaken(error) || attempt === listenAttempts) throw error;
        await new Promise((resolve) => setTimeout(resolve, listenDelayMs));
      }
    }
  }

  #accept(server: Server): void {
    this.#server = server.unref();
    server.on('connection', (client) => {
      const connection = new WireConnection(client, this.#target, this.#faults);
      this.#connections.add(connection);
      void connection.closed.then(() => this.#connections.delete(connection));
    });
  }
}
