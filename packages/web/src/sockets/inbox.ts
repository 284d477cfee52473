/** The received messages of a connection until they are handled. If handlers are too slow, the connection is paused. */

/** With more messages or bytes than this, the connection is paused. A paused connection does not notice that its client leaves. */
const mostMessages = 16;
const mostBytes = 65_536;

export interface InboxOptions<M> {
  /** Handles a message; must not reject. */
  readonly handle: (message: M) => Promise<void>;
  readonly concurrency: number;
  /** Called when the limit is exceeded, and when it no longer is. */
  readonly onFull: (isFull: boolean) => void;
}

export class Inbox<M> {
  readonly #options: InboxOptions<M>;
  readonly #waiting: Array<{ readonly message: M; readonly size: number }> = [];
  #bytes = 0;
  #running = 0;
  #isOpen = false;
  #isFull = false;
  readonly #whenIdle: Array<() => void> = [];

  constructor(options: InboxOptions<M>) {
    this.#options = options;
  }

  /** Starts to handle messages. */
  open(): void {
    this.#isOpen = true;
    this.#next();
  }

  add(message: M, size: number): void {
    this.#waiting.push({ message, size });
    this.#bytes += size;
    this.#next();
  }

  /** Drops the waiting messages. */
  clear(): void {
    this.#waiting.length = 0;
    this.#bytes = 0;
    this.#next();
  }

  /** Resolves when all messages have been handled. */
  async idle(): Promise<void> {
    if (!this.#isIdle) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0;
  }

  #next(): void {
    while (this.#isOpen && this.#waiting.length > 0 && this.#running < this.#options.concurrency) {
      const { message, size } = this.#waiting.shift()!;
      this.#bytes -= size;
      this.#running += 1;
      void this.#options.handle(message).then(() => {
        this.#running -= 1;
        this.#next();
      });
    }
    const isFull = this.#waiting.length > mostMessages || this.#bytes > mostBytes;
    if (isFull !== this.#isFull) {
      this.#isFull = isFull;
      this.#options.onFull(isFull);
    }
    if (this.#isIdle) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
