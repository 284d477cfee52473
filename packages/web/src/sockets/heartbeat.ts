import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Pings the client in intervals, and breaks off the connection if no byte arrived since the last ping. */
export function keepAlive(socket: WebSocket, transport: Socket, pingMs: number): void {
  let before = transport.bytesRead;
  const beat = (): void => {
    const { bytesRead } = transport;
    // A paused connection reads nothing.
    if (bytesRead === before && !socket.isPaused) {
      socket.terminate();
      return;
    }
    before = bytesRead;
    socket.ping();
  };
  // After a blocked event loop, the timer is due before the bytes that arrived during the delay are read.
  const timer = setInterval(() => setImmediate(beat), pingMs);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
  socket.ping();
}
