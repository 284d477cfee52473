import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A host and a port. */
export interface TcpTarget {
  readonly host: string;
  readonly port: number;
}

/** The address of a server: a host and a port, or the path of a Unix socket. */
export type Target = TcpTarget | { readonly path: string };

/** What all connections of a wire do to their bytes. */
export interface WireFaults {
  delayMs: number;
  blackHole: { readonly ended: Promise<void>; readonly end: () => void } | undefined;
  readonly cuts: Set<Cut>;
}

/** A connection to lose. It stays in the set until it is lost. */
interface Cut {
  readonly pattern: string | RegExp;
  readonly done: () => void;
  /** The connection whose client has sent the pattern. */
  connection?: WireConnection;
}

/** How many bytes of earlier packets a pattern can match. */
const tailLength = 1024;

/** One client of a wire, and its connection to the server. */
export class WireConnection {
  /** Resolves when both ends are closed. */
  readonly closed: Promise<unknown>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faults: WireFaults;
  /** The last bytes of the client, while a pattern is awaited. */
  #tail = '';

  constructor(client: Socket, target: Target, faults: WireFaults) {
    this.#client = client;
    this.#faults = faults;
    this.#server = connect({ ...target, allowHalfOpen: true });
    this.closed = Promise.all([client, this.#server].map(closing)).then(() => this.#endCut());
    this.#forward(client, this.#server, (bytes) => {
      this.#match(bytes);
      return true;
    });
    this.#forward(this.#server, client, () => !this.#losesReply());
    for (const socket of [client, this.#server]) {
      // An error closes the socket, which closes the other end.
      socket.setNoDelay().on('error', () => undefined);
      socket.on('close', (hadError) => (hadError ? this.reset() : this.#closeOther(socket)));
    }
    if (faults.blackHole) this.pause();
  }

  pause(): void {
    this.#client.pause();
    this.#server.pause();
  }

  resume(): void {
    this.#client.resume();
    this.#server.resume();
  }

  reset(): void {
    const client = this.#client;
    // Node never closes a socket that is reset while it ends.
    if (client.writableEnded) client.destroy();
    else if (!client.destroyed) client.resetAndDestroy();
    this.#server.destroy();
  }

  #closeOther(socket: Socket): void {
    const other = socket === this.#client ? this.#server : this.#client;
    // If it has ended normally, its last bytes may still be on the way.
    if (!socket.readableEnded) other.destroy();
  }

  /**
   * Forwards the bytes of one direction, in order.
   *
   * @param accept - called before bytes are forwarded; returns `false` to discard them
   */
  #forward(from: Socket, to: Socket, accept: (bytes: Buffer) => boolean): void {
    let last = Promise.resolve();
    const inOrder = (action: () => void | Promise<void>): void => {
      const due = performance.now() + this.#faults.delayMs;
      last = last.then(() => this.#whenDue(due)).then(action);
    };
    from.on('data', (bytes: Buffer) =>
      inOrder(async () => {
        if (!accept(bytes) || to.destroyed || to.write(bytes)) return;
        from.pause();
        await writableOrClosed(to);
        if (!this.#faults.blackHole) from.resume();
      }),
    );
    from.on('end', () => inOrder(() => void to.end()));
  }

  async #whenDue(due: number): Promise<void> {
    const waitMs = due - performance.now();
    // A timer waits for at least 1 ms.
    if (waitMs >= 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    while (this.#faults.blackHole) await this.#faults.blackHole.ended;
  }

  #match(bytes: Buffer): void {
    const { cuts } = this.#faults;
    if (cuts.size === 0) return;
    const text = this.#tail + bytes.toString('latin1');
    this.#tail = text.slice(-tailLength);
    const cut = [...cuts].find((each) => !each.connection && matches(text, each.pattern));
    if (cut) cut.connection = this;
  }

  #losesReply(): boolean {
    const isCut = [...this.#faults.cuts].some(({ connection }) => connection === this);
    if (isCut) this.reset();
    return isCut;
  }

  #endCut(): void {
    for (const cut of this.#faults.cuts) {
      if (cut.connection !== this) continue;
      this.#faults.cuts.delete(cut);
      cut.done();
    }
  }
}

function matches(text: string, pattern: string | RegExp): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) >= 0;
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Resolves when a socket accepts more data, or when it has closed. */
async function writableOrClosed(socket: Socket): Promise<void> {
  const either = new AbortController();
  const { signal } = either;
  // An error is followed by the event of the close.
  await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).catch(() => undefined);
  either.abort();
}
