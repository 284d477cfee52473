/**
 * A connection to a memcached server, in its text protocol. The first command opens it, and a failure or a late reply closes it, so
 * that no reply belongs to another command. It must not know the cache.
 */
import { connect, type Socket } from 'node:net';
import { late, within } from '@asphalt/integration';

export interface Reply {
  /** The only line of the reply, or the one before the value. */
  readonly line: string;
  readonly value?: Buffer;
}

interface Command {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

const lineEnd = '\r\n';
/** The bytes between a value and the next reply. */
const valueEnd = `${lineEnd}END${lineEnd}`;

export class MemcachedConnection {
  readonly #host: string;
  readonly #port: number;
  readonly #timeoutMs: number;
  #socket: Socket | undefined;
  /** The commands without a reply. The server replies in their order. */
  #commands: Command[] = [];
  #received: Buffer = Buffer.alloc(0);

  /** @param server - as `host` or `host:port` */
  constructor(server: string, timeoutMs: number) {
    const { hostname, port } = new URL(`memcached://${server}`);
    this.#host = hostname.replace(/^\[|\]$/g, '');
    this.#port = Number(port || 11211);
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a command. Rejects when the connection fails, or when no reply arrives within the time limit. */
  async send(command: string, data?: Buffer): Promise<Reply> {
    const replied = new Promise<Reply>((resolve, reject) => this.#commands.push({ resolve, reject }));
    const socket = (this.#socket ??= this.#open());
    socket.cork();
    socket.write(command + lineEnd);
    if (data) socket.write(data);
    if (data) socket.write(lineEnd);
    socket.uncork();
    const reply = await within(this.#timeoutMs, replied);
    if (reply !== late) return reply;
    const error = new Error(`no response within ${this.#timeoutMs} ms`);
    this.close(error);
    throw error;
  }

  /** Closes the connection at once. Commands without a reply fail. */
  close(error: Error): void {
    const commands = this.#commands.splice(0);
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#received = Buffer.alloc(0);
    for (const command of commands) command.reject(error);
  }

  #open(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    const end = (error: Error): void => {
      // A former socket ends later.
      if (this.#socket === socket) this.close(error);
    };
    // An open connection does not keep the process alive.
    return socket
      .unref()
      .on('data', (bytes) => this.#socket === socket && this.#read(bytes))
      .on('error', end)
      .on('close', () => end(new Error('the server has closed the connection')));
  }

  #read(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (let end = this.#received.indexOf(lineEnd); end >= 0; end = this.#received.indexOf(lineEnd)) {
      const line = this.#received.toString('latin1', 0, end);
      const from = end + lineEnd.length;
      const [kind, , , length] = line.split(' ');
      const to = kind === 'VALUE' ? from + Number(length) : end;
      const next = kind === 'VALUE' ? to + valueEnd.length : from;
      if (next > this.#received.byteLength) return;
      const value = this.#received.subarray(from, to);
      this.#received = this.#received.subarray(next);
      this.#commands.shift()?.resolve(kind === 'VALUE' ? { line, value } : { line });
    }
  }
}
