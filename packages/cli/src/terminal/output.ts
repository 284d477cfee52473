/**
 * Standard output and standard error. A line is written before the next statement runs, so no way to end the process
 * loses it; if the reader is behind, it waits without blocking the event loop.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isSame, withoutBlocking } from './descriptor.ts';
import { LineQueue } from './line-queue.ts';
import type { Kind } from './waiting-lines.ts';
import { painter, type Paint } from './paint.ts';

type Stream = typeof process.stdout | typeof process.stderr;

/** How long an application that has stopped waits for its reader, in milliseconds: less than it may take to stop. */
const lastFlushMs = 2_000;

export class Output {
  readonly isTerminal: boolean;
  /** Adds colors if this is a terminal that shows them, and honors `NO_COLOR`. */
  readonly paint: Paint;
  /**
   * Resolves when nothing can be written any more: with the error, such as that of a full disk, or with undefined if the
   * reader has left, as after `… | head` or when the terminal was closed.
   */
  readonly closed: Promise<NodeJS.ErrnoException | undefined>;
  readonly #stream: Stream;
  readonly #queue: LineQueue;
  #beforeWriting: ((text: string) => void) | undefined;
  #isFlushLimited = false;

  /** @param other - another output, which may lead to the same pipe or terminal */
  constructor(stream: Stream, other?: Output) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY;
    this.paint = painter(stream.isTTY && stream.hasColors());
    const isShared = other !== undefined && isSame(stream.fd, other.#stream.fd);
    this.#queue = isShared ? other.#queue : new LineQueue(withoutBlocking(stream.fd));
    this.#queue.stayBehind(stream);
    // Text that the application prints goes through Node's stream, which may be the first to fail.
    stream.on('error', (error: NodeJS.ErrnoException) => this.#queue.close(error));
    this.closed = this.#queue.closed.then((error) => {
      const hasReaderLeft = error.code === 'EPIPE' || (error.code === 'EIO' && this.isTerminal);
      return hasReaderLeft ? undefined : error;
    });
  }

  /** Whether the reader has not taken everything yet. */
  get isBehind(): boolean {
    return this.#queue.isBehind;
  }

  /** Writes text that is kept until it is read, or a log line, which is dropped if too many others wait. */
  write(text: string, kind?: Kind): void {
    this.#beforeWriting?.(text);
    this.#queue.write(text, kind);
  }

  /** Has the number of dropped lines logged by this function when reading resumes. */
  onLoss(log: (lines: number) => void): void {
    this.#queue.onLoss(log);
  }

  /**
   * Calls a function with all text before it is written here, including text that others write through Node's stream.
   *
   * @returns a function that ends this
   */
  beforeWriting(listener: (text: string) => void): () => void {
    const stream = this.#stream;
    // oxlint-disable-next-line typescript/unbound-method -- the same method is restored
    const { write } = stream;
    const writeAndNotify = (chunk: string | Uint8Array, ...rest: never[]): boolean => {
      listener(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      return write.call(stream, chunk, ...rest);
    };
    stream.write = writeAndNotify as typeof write;
    this.#beforeWriting = listener;
    return () => {
      // A replacement that came later is kept.
      if (stream.write === writeAndNotify) stream.write = write;
      this.#beforeWriting = undefined;
    };
  }

  /** The terminal itself, for text that is redrawn in place. The function of {@link beforeWriting} does not receive it. */
  screen(): { readonly isTTY: boolean; readonly columns: number; readonly rows: number; write(text: string): void } {
    const stream = this.#stream;
    return {
      isTTY: this.isTerminal,
      get columns() {
        return stream.columns;
      },
      get rows() {
        return stream.rows;
      },
      write: (text) => this.#queue.write(text),
    };
  }

  /** Limits how long {@link flush} waits. By default it waits as long as the reader is there. */
  limitFlush(): void {
    this.#isFlushLimited = true;
  }

  /** Waits until everything is read, including text that was printed through Node's stream. */
  async flush(): Promise<void> {
    const flushed = this.#queue.flush();
    await (this.#isFlushLimited ? Promise.race([flushed, delay(lastFlushMs)]) : flushed);
  }
}
