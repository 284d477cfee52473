/**
 * The requests that clients send without waiting for responses. Node reads and starts all of them. This pauses a connection
 * with too many pending ones, so that one client cannot open any number of contexts.
 */
import type { Socket } from 'node:net';
import type { ExchangeResponse } from '../request/exchange.ts';

/** A connection with more pending requests is not read. The last read may have contained some more. */
const maxPending = 64;

export class Pipelines {
  /** The pending responses behind the first one, for connections that have any. */
  readonly #pending = new Map<Socket, Set<ExchangeResponse>>();

  /** Adds a response whose connection has a pending one. */
  add(socket: Socket, outgoing: ExchangeResponse): void {
    const pending = this.#pending.get(socket) ?? new Set();
    this.#pending.set(socket, pending.add(outgoing));
    outgoing.once('close', () => this.#ended(socket, outgoing));
    if (pending.size < maxPending || socket.isPaused()) return;
    // Node resumes a connection after each request that a read contains.
    process.nextTick(() => {
      if (this.#isFull(socket)) socket.pause();
    });
  }

  /** Forgets a connection that has closed. Responses that were waiting on it do not close, so their records end here. */
  delete(socket: Socket): void {
    for (const { hasSwitched, record } of this.#pending.get(socket) ?? []) if (!hasSwitched) record?.closed();
    this.#pending.delete(socket);
  }

  #ended(socket: Socket, outgoing: ExchangeResponse): void {
    const pending = this.#pending.get(socket);
    pending?.delete(outgoing);
    if (pending?.size === 0) this.#pending.delete(socket);
    if (socket.isPaused() && !this.#isFull(socket)) socket.resume();
  }

  #isFull(socket: Socket): boolean {
    return (this.#pending.get(socket)?.size ?? 0) >= maxPending;
  }
}
