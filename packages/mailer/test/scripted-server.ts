/** A mail server whose reaction a test scripts for each phase of the conversation, such as a reply, a hang or a reset. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

import { onTestFinished } from 'vitest';

export const phases = ['greeting', 'EHLO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'body', 'message'] as const;
export type Phase = (typeof phases)[number];

/** A reply, or the end of the conversation after an optional reply. */
export type Reaction = string | { readonly end: 'hang' | 'silent' | 'reset' | 'close'; readonly reply?: string };
export const hang = { end: 'hang' } as const;
export const silent = { end: 'silent' } as const;
export const reset = { end: 'reset' } as const;
export const close = { end: 'close' } as const;

/** Returns the reaction to one command; the server accepts if it returns `undefined`. `connection` counts from 1. */
export type Script = (phase: Phase, argument: string, connection: number) => Reaction | undefined;

export interface ScriptedServer {
  readonly host: string;
  readonly port: number;
  /** The number of connections so far, of open ones, and of accepted messages. */
  readonly count: { connections: number; open: number; messages: number };
  /** The phases that were reached, in order. */
  readonly reached: readonly Phase[];
}

const accepted: Readonly<Record<Phase, string | undefined>> = {
  greeting: '220 mail.test ESMTP',
  EHLO: '250 mail.test',
  STARTTLS: '220 go ahead',
  AUTH: '235 welcome',
  MAIL: '250 sender ok',
  RCPT: '250 recipient ok',
  DATA: '354 go ahead',
  body: undefined,
  message: '250 queued',
};

export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const count = { connections: 0, open: 0, messages: 0 };
  const reached: Phase[] = [];
  const server = createServer((socket) => {
    const connection = ++count.connections;
    count.open++;
    sockets.add(socket);
    // A client that disconnects is not a failure of the server.
    socket
      .on('error', () => undefined)
      .on('close', () => {
        count.open--;
        sockets.delete(socket);
      });
    converse(socket, (phase, argument) => {
      reached.push(phase);
      const reaction = script(phase, argument, connection);
      if (phase === 'message' && reaction === undefined) count.messages++;
      return reaction;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, count, reached };
}

function converse(socket: Socket, decide: (phase: Phase, argument: string) => Reaction | undefined): void {
  let receivesBody = false;
  let ended = false;
  const say = (text: string): void => void socket.write(`${text}\r\n`);
  const react = (phase: Phase, argument = ''): void => {
    const reaction = decide(phase, argument) ?? accepted[phase];
    if (reaction === undefined) return;
    const { reply, end } = typeof reaction === 'string' ? { reply: reaction, end: undefined } : reaction;
    if (reply !== undefined) say(reply);
    if (phase === 'DATA') receivesBody = reply?.startsWith('3') ?? false;
    ended = end !== undefined;
    if (end === 'reset') socket.resetAndDestroy();
    if (end === 'close') socket.end();
    // A hanging server stops reading, so that the client's data fills the buffers; a silent one still reads.
    if (end === 'hang') socket.pause();
  };
  react('greeting');
  createInterface({ input: socket }).on('line', (line) => {
    if (ended) return;
    if (receivesBody && line !== '.') return react('body');
    if (receivesBody) {
      receivesBody = false;
      return react('message');
    }
    const [, verb = '', argument = ''] = /^(\w+) ?(.*)$/.exec(line) ?? [];
    const phase = phases.find((each) => each === verb.toUpperCase());
    if (phase !== undefined) return react(phase, argument);
    say('250 ok');
    if (verb.toUpperCase() === 'QUIT') socket.end();
  });
}
