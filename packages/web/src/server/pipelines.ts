/**
 * The requests that clients send without waiting for responses. Node reads and starts all of them. This pauses a connection
 * with too many pending ones, so that one client cannot open any number of contexts.
 */
import type { Socket } from 'node:net';
import type { ServerResponse } from 'node:http';

/** A connection with more pending requests is not read. The last read may have contained some more. */
const maxPending = 64;

export class Pipelines {
  /** The number of pending requests behind the first one, for connections that have any. */
  readonly #pending = new Map<Socket, number>();

  /** Counts a request whose connection has a pending response. */
  add(socket: Socket, outgoing: ServerResponse): void {
    const count = (this.#pending.get(socket) ?? 0) + 1;
    this.#pending.set(socket, count);
    outgoing.once('close', () => this.#ended(socket));
    if (count < maxPending || socket.isPaused()) return;
    // Node resumes a connection after each request that a read contains.
    process.nextTick(() => {
      if (this.#isFull(socket)) socket.pause();
    });
  }

  /** Forgets a connection that has closed. Responses that were waiting on it do not close. */
  delete(socket: Socket): void {
    this.#pending.delete(socket);
  }

  #ended(socket: Socket): void {
    const count = (this.#pending.get(socket) ?? 1) - 1;
    if (count === 0) this.#pending.delete(socket);
    else this.#pending.set(socket, count);
    if (socket.isPaused() && !this.#isFull(socket)) socket.resume();
  }

  #isFull(socket: Socket): boolean {
    return (this.#pending.get(socket) ?? 0) >= maxPending;
  }
}
