/**
 * Lines on their way to a reader that may be slower than this process, or not read at all. As long as the reader keeps
 * up, a line is written before the next statement runs. Otherwise it waits in the buffer of the stream, together with
 * text that the application prints to the same stream by itself, so the order is kept.
 */
import { Writable } from 'node:stream';
import { PacedWriter } from './paced-writer.ts';

/** How many bytes of log lines may wait. ERROR lines may take as much again. */
const limitBytes = 8 * 1024 * 1024;

/** How long the thread may wait for a reader that takes nothing, over the life of the process, in milliseconds. */
const blockingLimitMs = 40;

/** A reader that takes this many bytes has earned another millisecond. */
const bytesPerMs = 4_000;

/** A reader that takes nothing for this long gets nothing more when the process exits, in milliseconds. */
const exitPatienceMs = 1_000;

/** From then on, an exiting process writes ERROR lines only, in milliseconds. */
const exitLimitMs = 2_000;

export interface FlushLimits {
  /** How long to wait for a reader that takes nothing, in milliseconds. */
  readonly patienceMs: number;
  /** How long to wait for a reader that is slow, in milliseconds. */
  readonly limitMs: number;
}

type Write = (chunk: Uint8Array | string, encoding: BufferEncoding, done: (error?: Error | null) => void) => void;

export class LineQueue {
  readonly #stream: Writable;
  readonly #writer: PacedWriter;
  readonly #onError: (error: Error) => void;
  /** The log lines that wait, and whether each is important. */
  readonly #lines = new Map<Uint8Array, boolean>();
  readonly #texts = new WeakSet<Uint8Array>();
  #waitingBytes = 0;
  #droppedLines = 0;
  #isDropping = false;
  #blockingLeftMs = blockingLimitMs;
  #reportLoss: ((lines: number) => void) | undefined;
  #isReportingLoss = false;
  #exitAt = Infinity;
  #isDraining = false;
  #isHurrying = false;
  #isClosed = false;

  /**
   * @param stream - the stream for the descriptor; from now on it writes through this queue
   * @param fd - a file descriptor that reports `EAGAIN` instead of blocking
   * @param onError - called when nothing can be written any more
   */
  constructor(stream: Writable, fd: number, onError: (error: Error) => void) {
    this.#stream = stream;
    this.#writer = new PacedWriter(fd);
    this.#onError = onError;
    const write: Write = (chunk, encoding, done) => {
      this.#write(bytesOf(chunk, encoding), done);
    };
    // Chunk by chunk, because lines are counted and some may be skipped.
    Object.assign(stream, { _write: write, _writev: null });
    process.on('exit', () => this.#onExit());
  }

  /** Has another stream for the same pipe or terminal write through this queue too, so that the order is kept. */
  adopt(stream: Writable): void {
    const write: Write = (chunk, encoding, done) => {
      this.#put(bytesOf(chunk, encoding));
      done();
    };
    Object.assign(stream, { _write: write, _writev: null });
  }

  /** Whether the reader has not taken everything yet. */
  get isBehind(): boolean {
    return this.#stream.writableLength > 0;
  }

  /** Stops writing: the reader is gone. */
  close(): void {
    this.#isClosed = true;
  }

  /** Writes text that is never dropped. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    this.#texts.add(bytes);
    this.#put(bytes);
  }

  /**
   * Writes a log line, or drops it if too many wait for the reader.
   *
   * @param isImportant - whether it is kept as long as possible
   */
  log(line: string, isImportant: boolean): void {
    const kept = isImportant || this.#isReportingLoss;
    if (this.#isFull(kept)) this.#waitForReader(kept);
    if (this.#isFull(kept)) {
      this.#isDropping = true;
      this.#droppedLines++;
      return;
    }
    const bytes = Buffer.from(line);
    this.#put(bytes, (rest) => {
      // Half a line must be followed by its other half.
      this.#lines.set(rest, kept || rest.length < bytes.length);
      this.#waitingBytes += rest.length;
    });
  }

  /** Has the number of lines that were dropped reported when reading resumes, by a function that logs it. */
  onLoss(report: (lines: number) => void): void {
    this.#reportLoss = report;
  }

  /** Waits until the reader has taken everything that is written now. */
  async flush({ patienceMs, limitMs }: FlushLimits): Promise<void> {
    const start = performance.now();
    let isDone = this.#isClosed;
    let wake = (): void => undefined;
    this.#append('', () => {
      isDone = true;
      wake();
    });
    while (!isDone && !this.#isClosed) {
      const waitedMs = performance.now() - start;
      if (Math.min(waitedMs, this.#writer.stalledMs) > patienceMs || waitedMs > limitMs) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #isFull(isImportant: boolean): boolean {
    if (isImportant) return this.#waitingBytes >= 2 * limitBytes;
    return this.#isDropping || this.#waitingBytes >= limitBytes;
  }

  /** Blocks, to lose nothing of a burst that the reader takes; one that takes nothing uses up the limit soon. */
  #waitForReader(isImportant: boolean): void {
    while (this.#isFull(isImportant) && this.#blockingLeftMs > 0 && !this.#isClosed) {
      const before = performance.now();
      const taken = this.#writer.advance();
      if (taken === 0) sleep(1);
      const leftMs = this.#blockingLeftMs + taken / bytesPerMs - (performance.now() - before);
      this.#blockingLeftMs = Math.min(leftMs, blockingLimitMs);
    }
  }

  #put(bytes: Uint8Array, onWaiting?: (rest: Uint8Array) => void): void {
    if (this.#isClosed) return;
    let rest = bytes;
    if (!this.isBehind) {
      try {
        rest = bytes.subarray(this.#writer.tryWrite(bytes));
      } catch (error) {
        this.#onError(error as Error);
        return;
      }
    }
    if (rest.length === 0) return;
    if (this.#texts.has(bytes)) this.#texts.add(rest);
    onWaiting?.(rest);
    this.#append(rest);
  }

  /** Not by the method of the stream itself, which others may have replaced to see what is printed. */
  #append(chunk: Uint8Array | string, onWritten?: () => void): void {
    // oxlint-disable-next-line typescript/unbound-method -- it is called on the stream
    Reflect.apply(Writable.prototype.write, this.#stream, [chunk, onWritten]);
  }

  /** Writes a chunk of the stream: a line, or text of the application. */
  #write(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    const ended = (error?: Error | null): void => {
      if (this.#lines.delete(bytes)) this.#waitingBytes -= bytes.length;
      done(error);
      if (this.#isDropping && this.#waitingBytes <= limitBytes / 2) this.#reportDropped();
    };
    if (this.#isHurrying && this.#drop(bytes)) ended();
    else this.#writer.write(bytes, ended);
    if (this.#exitAt < Infinity) this.#drain();
  }

  #reportDropped(): void {
    const lines = this.#droppedLines;
    this.#droppedLines = 0;
    this.#isDropping = false;
    this.#isReportingLoss = true;
    this.#reportLoss?.(lines);
    this.#isReportingLoss = false;
  }

  /** @returns whether an exiting process leaves this out */
  #drop(bytes: Uint8Array): boolean {
    const isImportant = this.#lines.get(bytes);
    if (isImportant === true || this.#texts.has(bytes)) return false;
    if (isImportant === false) this.#droppedLines++;
    return true;
  }

  /** Writes what waits as long as it is read. No other code runs any more, so this blocks. */
  #onExit(): void {
    this.#exitAt = performance.now();
    if (!this.isBehind && this.#droppedLines === 0) return;
    // A signal ends the process now.
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
    this.#drain();
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    while (this.#writer.isPending && !this.#isClosed && this.#writer.stalledMs < exitPatienceMs) {
      if (!this.#isHurrying && performance.now() - this.#exitAt > exitLimitMs) {
        this.#isHurrying = true;
        this.#writer.skip((bytes) => this.#drop(bytes));
      } else if (this.#writer.advance() === 0) sleep(1);
    }
    this.#isDraining = false;
    if (this.#droppedLines > 0 && !this.isBehind) this.#reportDropped();
  }
}

function bytesOf(chunk: Uint8Array | string, encoding: BufferEncoding): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

/** Blocks the thread. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
