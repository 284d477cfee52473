/** A constant load. Each request is sent once; half of them use kept connections. */
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

export interface Totals {
  sent: number;
  /** Requests on a connection that had served others. */
  reused: number;
  failed: number;
  /** The longest time until the balancer noticed that a server is not ready, in milliseconds. */
  slowestPollMs: number;
  /** The number of failures by their message. */
  readonly failures: Record<string, number>;
}

/** The time between two groups of requests, in milliseconds. */
const tickMs = 10;

/** More requests are not sent while so many have no response, so that a slow machine is not overloaded. */
const maxPending = 256;

export class Load {
  readonly totals: Totals = { sent: 0, reused: 0, failed: 0, slowestPollMs: 0, failures: {} };
  readonly #port: number;
  readonly #perTick: number;
  /** A client that uses all of its connections in turn leaves none idle for long. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16, scheduling: 'fifo' });
  readonly #pending = new Set<Promise<void>>();
  #hasEnded = false;

  /** @param perSecond - requests per second, a multiple of 100 */
  constructor(port: number, perSecond: number) {
    this.#port = port;
    this.#perTick = (perSecond * tickMs) / 1000;
  }

  /** Sends requests until {@link end} is called; resolves when all of them have ended. */
  async run(): Promise<void> {
    let due = performance.now();
    while (!this.#hasEnded) {
      for (let count = 0; count < this.#perTick && this.#pending.size < maxPending; count++) this.#send();
      due = Math.max(due + tickMs, performance.now() - 100);
      await pause(due - performance.now());
    }
    await Promise.all(this.#pending);
    this.#agent.destroy();
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** Resolves when so many requests have been sent. */
  async until(sent: number): Promise<void> {
    while (this.totals.sent < sent) await pause(tickMs);
  }

  #send(): void {
    const number = this.totals.sent++;
    const settled = this.#request(number).catch((error: unknown) => {
      this.totals.failed++;
      const { code, message } = error as NodeJS.ErrnoException;
      const name = code ?? message;
      this.totals.failures[name] = (this.totals.failures[name] ?? 0) + 1;
    });
    this.#pending.add(settled);
    void settled.then(() => this.#pending.delete(settled));
  }

  async #request(number: number): Promise<void> {
    const agent = number % 2 === 0 ? false : this.#agent;
    const method = number % 4 < 2 ? 'GET' : 'POST';
    const target = { host: '127.0.0.1', port: this.#port, path: `/${number}`, method, agent };
    const sent = request({ ...target, signal: AbortSignal.timeout(20_000) });
    sent.end(method === 'POST' ? String(number) : undefined);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body = await text(response);
    if (sent.reusedSocket) this.totals.reused++;
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    if (body !== `page ${number}`) throw new Error('another body');
  }
}
