/**
 * Lines on their way to a reader that may be slower than this process, or not read at all. As long as the reader keeps
 * up, a line is written before the next statement runs. Otherwise it waits in the buffer of the stream, together with
 * text that the application prints to the same stream by itself, so the order is kept.
 */
import { Writable } from 'node:stream';
import type { Descriptor } from './descriptor.ts';
import { PacedWriter } from './paced-writer.ts';

/** How many bytes of ordinary log lines may wait, and how many of important ones. */
const limitBytes = 8 * 1024 * 1024;

/** How long the thread may wait for a reader that takes nothing, over the life of the process, in milliseconds. */
const blockingLimitMs = 40;

/** A reader that takes this many bytes of a burst has earned another millisecond, up to the limit, until it is over. */
const bytesPerMs = 2_000;
const earnedLimitMs = 250;

/** A reader that takes nothing for this long gets nothing more when the process exits, in milliseconds. */
const exitPatienceMs = 1_000;

/** From then on, an exiting process writes important lines only, and then nothing more, in milliseconds. */
const exitLimitMs = 2_000;
const longestExitMs = 10_000;

export interface FlushLimits {
  /** How long to wait for a reader that takes nothing, in milliseconds. */
  readonly patienceMs: number;
  /** How long to wait for a reader that is slow, in milliseconds. */
  readonly limitMs: number;
}

export class LineQueue {
  readonly #stream: Writable;
  readonly #writer: PacedWriter;
  readonly #onError: (error: Error) => void;
  /** The log lines that wait, and whether each is important. */
  readonly #lines = new Map<Uint8Array, boolean>();
  /** What is never dropped: text that is no log line, and the other half of a line. */
  readonly #texts = new WeakSet<Uint8Array>();
  #ordinaryBytes = 0;
  #importantBytes = 0;
  #droppedLines = 0;
  #isDropping = false;
  #unearnedMs = blockingLimitMs;
  #earnedMs = 0;
  #nextTryAt = 0;
  #reportLoss: ((lines: number) => void) | undefined;
  #isReportingLoss = false;
  #exitAt = Infinity;
  #isDraining = false;
  #isHurrying = false;
  #isClosed = false;

  /**
   * @param stream - the stream for the descriptor; from now on it writes through this queue
   * @param onError - called when nothing can be written any more
   */
  constructor(stream: Writable, descriptor: Descriptor, onError: (error: Error) => void) {
    this.#stream = stream;
    this.#writer = new PacedWriter(descriptor);
    this.#onError = onError;
    writeThrough(stream, (chunks, done) => this.#write(chunks, done));
    process.on('exit', (code) => this.#onExit(code));
  }

  /** Has another stream for the same pipe or terminal write through this queue too, so that the order is kept. */
  adopt(stream: Writable): void {
    writeThrough(stream, (chunks, done) => {
      for (const chunk of chunks) this.#put(chunk);
      done();
    });
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
      if (rest.length < bytes.length) this.#texts.add(rest);
      this.#lines.set(rest, kept);
      this.#count(rest.length, kept);
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
    if (isImportant) return this.#importantBytes >= limitBytes;
    return this.#isDropping || this.#ordinaryBytes >= limitBytes;
  }

  #count(bytes: number, isImportant: boolean): void {
    if (isImportant) this.#importantBytes += bytes;
    else this.#ordinaryBytes += bytes;
  }

  /** Blocks, to lose nothing of a burst that is read. A reader that takes nothing uses up the limit soon. */
  #waitForReader(isImportant: boolean): void {
    while (this.#isFull(isImportant) && !this.#isClosed) {
      const before = performance.now();
      if (before < this.#nextTryAt) return;
      const taken = this.#writer.advance();
      if (taken > 0) {
        this.#earnedMs = Math.min(this.#earnedMs + taken / bytesPerMs, earnedLimitMs);
      } else if (this.#isDropping || this.#earnedMs + this.#unearnedMs <= 0) {
        this.#nextTryAt = before + 1;
      } else {
        sleep(1);
        const waitedMs = performance.now() - before;
        if (this.#earnedMs > 0) this.#earnedMs = Math.max(0, this.#earnedMs - waitedMs);
        else this.#unearnedMs = Math.max(0, this.#unearnedMs - waitedMs);
      }
    }
  }

  #put(bytes: Uint8Array, onWaiting?: (rest: Uint8Array) => void): void {
    if (this.#isClosed) return;
    let rest = bytes;
    if (!this.isBehind) {
      this.#earnedMs = 0;
      try {
        rest = bytes.subarray(this.#writer.tryWrite([bytes]));
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

  /** Writes chunks of the stream: lines, and text of the application. */
  #write(chunks: readonly Uint8Array[], onEnd: (error?: Error) => void): void {
    const onWritten = (chunk: Uint8Array): void => {
      const isImportant = this.#lines.get(chunk);
      if (isImportant === undefined) return;
      this.#lines.delete(chunk);
      this.#count(-chunk.length, isImportant);
      // Not at the first line that finds room again: few of them would be followed by others.
      const hasRoom = Math.max(this.#ordinaryBytes, this.#importantBytes) <= limitBytes / 2;
      if (this.#isDropping && hasRoom) this.#reportDropped();
    };
    this.#writer.write({ chunks, onWritten, onEnd });
    if (this.#isHurrying) this.#writer.skip((chunk) => this.#drop(chunk));
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
    if (isImportant || this.#texts.has(bytes)) return false;
    if (isImportant === false) this.#droppedLines++;
    return true;
  }

  /** Writes what waits as long as it is read. No other code runs any more, so this blocks. */
  #onExit(code: number): void {
    this.#exitAt = performance.now();
    // A second signal ends the process at once, as far as possible.
    if (code > 128) this.#hurry();
    this.#drain();
  }

  #hurry(): void {
    this.#isHurrying = true;
    this.#writer.skip((chunk) => this.#drop(chunk));
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    while (this.#writer.isPending && !this.#isClosed && this.#writer.stalledMs < exitPatienceMs) {
      const takenMs = performance.now() - this.#exitAt;
      if (takenMs > longestExitMs) break;
      if (takenMs > exitLimitMs && !this.#isHurrying) this.#hurry();
      if (this.#writer.advance() === 0) sleep(1);
    }
    this.#isDraining = false;
    if (this.#droppedLines > 0 && !this.isBehind) this.#reportDropped();
  }
}

/** Has a stream write by a function instead of its own: all chunks that wait at once. */
function writeThrough(stream: Writable, write: (chunks: Uint8Array[], done: (error?: Error) => void) => void): void {
  const bytesOf = ({ chunk, encoding }: Chunk): Uint8Array =>
    typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
  const methods: Pick<Writable, '_write' | '_writev'> = {
    _write: (chunk, encoding, done) => write([bytesOf({ chunk: chunk as Chunk['chunk'], encoding })], done),
    _writev: (chunks, done) => write(chunks.map(bytesOf), done),
  };
  Object.assign(stream, methods);
}

interface Chunk {
  readonly chunk: Uint8Array | string;
  readonly encoding: BufferEncoding;
}

/** Blocks the thread. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
