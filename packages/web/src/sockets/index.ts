/** WebSockets and event streams. */
export { SlowClientError, SocketOriginError, SocketServerError } from './errors.ts';
export type { EventsOptions, Replay } from './event-options.ts';
export { eventsOf } from './events-of.ts';
export type { LiveSource } from './live-source.ts';
export type {
  CreateHandlers,
  ServerSocket,
  SocketData,
  SocketEnd,
  SocketHandlers,
  SocketOptions,
} from './server-socket.ts';
export { socketOf, type SocketOfOptions } from './socket-of.ts';
export { webSocket } from './web-socket.ts';
