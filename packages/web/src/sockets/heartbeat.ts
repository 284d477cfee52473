import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/**
 * Pings the client in intervals, and breaks off the connection if neither a byte arrived since the last ping nor a waiting
 * one was accepted. Ends with the connection.
 */
export function keepAlive(socket: WebSocket, connection: Socket, pingMs: number): void {
  let before = progressOf(socket, connection);
  const timer = setInterval(() => {
    const now = progressOf(socket, connection);
    const isAlive = now.read > before.read || (before.isWaiting && now.accepted > before.accepted);
    // A paused connection reads nothing.
    if (!isAlive && !socket.isPaused) {
      socket.terminate();
      return;
    }
    before = now;
    socket.ping();
  }, pingMs);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
  socket.ping();
}

function progressOf(
  { bufferedAmount }: WebSocket,
  { bytesRead, bytesWritten, writableLength }: Socket,
): { readonly read: number; readonly accepted: number; readonly isWaiting: boolean } {
  return { read: bytesRead, accepted: bytesWritten - writableLength, isWaiting: bufferedAmount > 0 };
}
