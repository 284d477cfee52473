/**
 * Standard output and standard error. A line is written before the next statement runs, so no way to end the process
 * loses it; if the reader is behind, it waits without blocking the event loop.
 */
import { isSame, nonBlocking } from './output/descriptor.ts';
import { LineQueue, type FlushLimits } from './output/line-queue.ts';
import { painter, type Paint } from './paint.ts';

type Stream = typeof process.stdout | typeof process.stderr;

export class Output {
  /** What people call it. */
  readonly name: string;
  readonly isTerminal: boolean;
  /** Paints where this is a terminal that shows colours; `NO_COLOR` and the like are heeded. */
  readonly paint: Paint;
  /**
   * Resolves when nothing can be written any more: with the error, such as that of a full disk; with undefined when it is
   * only that nobody reads, as after `… | head` or when the terminal was closed.
   */
  readonly closed: Promise<NodeJS.ErrnoException | undefined>;
  readonly #stream: Stream;
  readonly #queue: LineQueue;
  #beforeWriting: ((text: string) => void) | undefined;
  #flushLimits: FlushLimits = { patienceMs: Infinity, limitMs: Infinity };

  /** @param other - another output, which may lead to the same pipe or terminal */
  constructor(name: string, stream: Stream, other?: Output) {
    this.name = name;
    this.#stream = stream;
    this.isTerminal = stream.isTTY;
    this.paint = painter(stream.isTTY && stream.hasColors());
    if (other && isSame(stream.fd, other.#stream.fd)) {
      this.#queue = other.#queue;
      this.#queue.adopt(stream);
    } else {
      this.#queue = new LineQueue(stream, nonBlocking(stream), (error) => void stream.emit('error', error));
    }
    this.closed = new Promise((resolve) => {
      // What the application itself prints goes through Node's stream and may be the first to notice.
      stream.on('error', (error: NodeJS.ErrnoException) => {
        this.#queue.close();
        const hasReaderLeft = error.code === 'EPIPE' || (error.code === 'EIO' && this.isTerminal);
        resolve(hasReaderLeft ? undefined : error);
      });
    });
  }

  /** Whether the reader has not taken everything yet. */
  get isBehind(): boolean {
    return this.#queue.isBehind;
  }

  /** Writes text that is kept until it is read. */
  write(text: string): void {
    this.#beforeWriting?.(text);
    this.#queue.write(text);
  }

  /** Writes a log line, which is dropped if too many others wait to be read; if it is important, only as a last resort. */
  log(line: string, isImportant: boolean): void {
    this.#beforeWriting?.(line);
    this.#queue.log(line, isImportant);
  }

  /** Has the number of dropped lines reported when reading resumes, by a function that logs it. */
  onLoss(report: (lines: number) => void): void {
    this.#queue.onLoss(report);
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
      write: (text) => this.#queue.write(text),
    };
  }

  /** Limits how long {@link flush} waits. By default it waits as long as the reader is there. */
  limitFlush(limits: FlushLimits): void {
    this.#flushLimits = limits;
  }

  /** Waits until everything is read, including text that was printed through Node's stream. */
  flush(): Promise<void> {
    return this.#queue.flush(this.#flushLimits);
  }
}
