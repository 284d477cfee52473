import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

export interface Client {
  readonly socket: WebSocket;
  /** Resolves with the next message. */
  next(): Promise<string>;
  /** Resolves with the code and the reason. */
  readonly closed: Promise<readonly [number, string]>;
}

/** Opens a WebSocket that the test closes at its end. */
export async function connect(url: string, ...args: ConnectArgs): Promise<Client> {
  const socket = open(url, ...args);
  const messages: string[] = [];
  let wake: (() => void) | undefined;
  socket.on('message', (data: Buffer) => {
    messages.push(data.toString());
    wake?.();
  });
  const closed = once(socket, 'close').then(([code, reason]) => [code as number, String(reason)] as const);
  await once(socket, 'open');
  const next = async (): Promise<string> => {
    if (messages.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return messages.shift()!;
  };
  return { socket, next, closed };
}

/** Sends a handshake that the server refuses. */
export async function refusal(
  url: string,
  ...args: ConnectArgs
): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }> {
  const socket = open(url, ...args);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const body = (await response.toArray()).join('');
  return { status: response.statusCode!, headers: response.headers, body };
}

type ConnectArgs = [protocols?: string[], options?: { readonly headers?: Record<string, string>; origin?: string }];

function open(url: string, protocols: string[] = [], options: object = {}): WebSocket {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, options);
  onTestFinished(() => socket.terminate());
  socket.on('error', () => {});
  return socket;
}
