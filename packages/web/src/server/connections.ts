/**
 * The connections of a server, and how they end: after their pending responses, and without waiting for connections that
 * are only kept alive, or that a browser opened in advance. Node counts the latter as busy. Knows nothing of listening.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ClosableResponse } from '../request/closable-response.ts';
import { UpgradeResponse } from '../request/upgrade-response.ts';
import { Pipelines } from './pipelines.ts';

export class Connections {
  /** Each with its latest response. A client receives it last, because responses leave in order. */
  readonly #latest = new Map<Socket, ClosableResponse | undefined>();
  readonly #pipelines = new Pipelines();
  #isEnding = false;

  add(socket: Socket): void {
    const isKnown = this.#latest.has(socket);
    this.#latest.set(socket, undefined);
    // A connection arrives again after a request for a protocol that is not supported.
    if (isKnown) return;
    socket.once('close', () => {
      // A response that waits for another one of its connection does not close by itself.
      const latest = this.#latest.get(socket);
      // Another protocol reports the end of its connection itself.
      if (!hasSwitched(latest)) latest?.record?.closed();
      this.#latest.delete(socket);
      this.#pipelines.delete(socket);
    });
  }

  /** Records a request. @returns whether it is to be served */
  track({ socket }: IncomingMessage, outgoing: ClosableResponse): boolean {
    const before = this.#latest.get(socket);
    if (isPending(before)) this.#pipelines.add(socket, outgoing);
    if (this.#isEnding) {
      if (before?.isLast === true) {
        // The client must repeat a request that it sent after the last one, on another connection.
        if (before.headersSent) return false;
        before.isLast = false;
      }
      this.#endAfter(outgoing, socket);
    }
    if (!socket.destroyed) this.#latest.set(socket, outgoing);
    return true;
  }

  /** The response of a connection that is not complete. */
  pendingOf(socket: Socket): ClosableResponse | undefined {
    const latest = this.#latest.get(socket);
    return isPending(latest) ? latest : undefined;
  }

  /** Ends each connection after its next response, or after its pending ones. Idle connections stay open. */
  drain(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const [socket, latest] of this.#latest) {
      if (isPending(latest) && !hasSwitched(latest)) this.#endAfter(latest, socket);
    }
  }

  /** Closes idle connections, and the others after their pending responses. */
  close(): void {
    this.drain();
    for (const [socket, latest] of this.#latest) if (!isPending(latest)) socket.destroy();
  }

  /** Breaks off every connection. */
  destroy(): void {
    for (const [socket, latest] of this.#latest) {
      if (hasSwitched(latest)) latest.breakOff();
      else socket.destroy();
    }
  }

  /** Whether a response is pending on a connection. */
  isBusy(socket: Socket): boolean {
    return this.#latest.get(socket)?.writableFinished === false;
  }

  /** Closes a connection after a response. The client learns of it in the header, and sends no further request. */
  #endAfter(response: ClosableResponse, socket: Socket): void {
    response.isLast = true;
    response.once('close', () => {
      if (this.#latest.get(socket) === response) socket.destroySoon();
    });
  }
}

function isPending(response: ClosableResponse | undefined): response is ClosableResponse {
  return response !== undefined && !response.closed;
}

/** Whether a connection uses another protocol, which closes it. */
function hasSwitched(response: ClosableResponse | undefined): response is UpgradeResponse {
  return response instanceof UpgradeResponse && response.hasSwitched;
}
