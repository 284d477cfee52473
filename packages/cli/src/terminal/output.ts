/**
 * Standard output and standard error, written through: a line is out of this process before the next statement runs,
 * so that no way of ending the process can lose it. Node's own streams queue what does not fit into a pipe.
 */
import { writeSync } from 'node:fs';
import { painter, type Paint } from './paint.ts';

type Stream = typeof process.stdout | typeof process.stderr;

export class Output {
  readonly isTerminal: boolean;
  /** Paints where this is a terminal that shows colours; `NO_COLOR` and the like are heeded. */
  readonly paint: Paint;
  /**
   * Resolves when nothing can be written any more: with the error, such as that of a full disk; with undefined when it is
   * only that nobody reads, as after `… | head` or when the terminal was closed.
   */
  readonly closed: Promise<NodeJS.ErrnoException | undefined>;
  #isClosed = false;
  #beforeWriting: ((text: string) => void) | undefined;
  readonly #stream: Stream;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY;
    this.paint = painter(stream.isTTY && stream.hasColors());
    this.closed = new Promise((resolve) => {
      // What the application itself prints goes through Node's stream and may be the first to notice.
      stream.on('error', (error: NodeJS.ErrnoException) => {
        this.#isClosed = true;
        const hasReaderLeft = error.code === 'EPIPE' || (error.code === 'EIO' && this.isTerminal);
        resolve(hasReaderLeft ? undefined : error);
      });
    });
  }

  write(text: string): void {
    this.#beforeWriting?.(text);
    this.#writeThrough(text);
  }

  /**
   * Calls a function with everything that is to be written here, before it is, also by others through Node's stream.
   *
   * @returns what ends this
   */
  beforeWriting(hear: (text: string) => void): () => void {
    const stream = this.#stream;
    // oxlint-disable-next-line typescript/unbound-method -- it is put back as it was
    const { write } = stream;
    const heard = (chunk: string | Uint8Array, ...rest: never[]): boolean => {
      hear(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      return write.call(stream, chunk, ...rest);
    };
    stream.write = heard as typeof write;
    this.#beforeWriting = hear;
    return () => {
      // Whoever has put something of their own in its place keeps that.
      if (stream.write === heard) stream.write = write;
      this.#beforeWriting = undefined;
    };
  }

  /** The terminal itself, for what is redrawn in place; nobody is told of what is written to it. */
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
      write: (text) => this.#writeThrough(text),
    };
  }

  #writeThrough(text: string): void {
    if (this.#stream.writableLength > 0) {
      // What the application printed waits in Node's stream, maybe with half a line out: then this has to wait, too.
      this.#stream.write(text);
      return;
    }
    let rest: Uint8Array = Buffer.from(text);
    while (rest.length > 0 && !this.#isClosed) {
      try {
        rest = rest.subarray(writeSync(this.#stream.fd, rest));
      } catch (error) {
        // The pipe may be full only for now: its reader is slower than we are.
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') sleep(10);
        else this.#stream.emit('error', error);
      }
    }
  }

  /** Waits until what was printed through Node's stream is out as well. */
  async flush(): Promise<void> {
    if (!this.#isClosed) await new Promise<void>((resolve) => void this.#stream.write('', () => resolve()));
  }
}

/** Without letting anything else run meanwhile. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
