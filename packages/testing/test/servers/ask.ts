import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A connection that sends requests and waits for replies. */
export class Conversation {
  readonly socket: Socket;
  /** The code of the error that closed the connection; `closed` without an error. */
  readonly ended: Promise<string>;
  #received = '';

  constructor({ host, port }: Address) {
    this.socket = connect({ host, port });
    this.socket.on('data', (bytes) => (this.#received += bytes.toString('latin1')));
    this.ended = new Promise((resolve) => {
      this.socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''));
      this.socket.on('close', () => resolve('closed'));
    });
    onTestFinished(() => void this.socket.destroy());
  }

  /** Sends bytes and resolves with everything received since, as soon as it matches. */
  async ask(request: string | Buffer, reply: RegExp | string): Promise<string> {
    this.socket.write(request);
    while (!matches(this.#received, reply)) {
      const data = new Promise<boolean>((resolve) => this.socket.once('data', () => resolve(true)));
      if (!(await Promise.race([data, this.ended.then(() => false)])))
        throw new Error(`the connection ended (${await this.ended}) after ${JSON.stringify(this.#received)}`);
    }
    const received = this.#received;
    this.#received = '';
    return received;
  }
}

/** Sends one request with a connection of its own. */
export async function ask(server: Address, request: string | Buffer, reply: RegExp | string): Promise<string> {
  const conversation = new Conversation(server);
  const received = await conversation.ask(request, reply);
  conversation.socket.destroy();
  return received;
}

function matches(text: string, reply: RegExp | string): boolean {
  return typeof reply === 'string' ? text.includes(reply) : reply.test(text);
}
