/** The connections that have not agreed on TLS yet. Node does not count them among those of the server. */
import type { Socket } from 'node:net';

export class Handshakes {
  /** By the address and the port of the client, because Node does not connect an encrypted socket with its inner one. */
  readonly #open = new Map<string, Socket>();

  add(socket: Socket): void {
    const key = keyOf(socket);
    this.#open.set(key, socket);
    socket.once('close', () => {
      if (this.#open.get(key) === socket) this.#open.delete(key);
    });
  }

  /** @param secured - the encrypted socket of a connection */
  done(secured: Socket): void {
    this.#open.delete(keyOf(secured));
  }

  destroy(): void {
    for (const socket of this.#open.values()) socket.destroy();
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
