import { connect } from 'node:net';
import type { Target } from './wire-connection.ts';

/** A question that only a server that is ready answers. */
export interface Probe {
  /** Empty if the server speaks first. */
  readonly request: string | Buffer;
  /** Matches the reply in the encoding latin1. */
  readonly reply: RegExp;
}

const attemptMs = 2000;
const delayMs = 25;

/** Asks a server until it replies as expected, or until the signal aborts. */
export async function untilReady(target: Target, probe: Probe, abort: AbortSignal): Promise<void> {
  while (!abort.aborted && !(await replies(target, probe)))
    await new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Returns whether a server replies as expected. */
function replies(target: Target, { request, reply }: Probe): Promise<boolean> {
  const socket = connect(target);
  return new Promise((resolve) => {
    let received = '';
    socket
      .setTimeout(attemptMs, () => socket.destroy())
      .on('connect', () => socket.write(request))
      .on('data', (bytes) => {
        received += bytes.toString('latin1');
        if (!reply.test(received)) return;
        resolve(true);
        socket.destroy();
      })
      // An error closes the socket, too.
      .on('error', () => undefined)
      .on('close', () => resolve(false));
  });
}
