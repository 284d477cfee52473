/**
 * Text on its way to one pipe, terminal or file. As long as the reader keeps up, a line is written before the next
 * statement runs. Otherwise it waits here, and a timer tries again. Nothing blocks until the process exits.
 */
import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WaitingLines, type Kind } from './waiting-lines.ts';

/** The delays between two tries, in milliseconds: a reader that has just read is likely to read more. */
const firstDelayMs = 1;
const longestDelayMs = 50;

/** An exiting process waits this long for a reader that takes nothing, in milliseconds. */
const patienceMs = 1_000;

/** It writes all lines for this long, and then only ERROR lines for as long again, in milliseconds. */
const exitPhaseMs = 2_500;

export class LineQueue {
  /** Resolves with the error when nothing can be written any more. */
  readonly closed: Promise<NodeJS.ErrnoException>;
  readonly #fd: number;
  readonly #streams: Writable[] = [];
  readonly #waiting = new WaitingLines();
  #onLoss: ((lines: number) => void) | undefined;
  #isRetrying = false;
  #isClosed = false;
  #resolveClosed!: (error: NodeJS.ErrnoException) => void;

  /** @param fd - a file descriptor whose writes fail with `EAGAIN` instead of blocking, where the system can do that */
  constructor(fd: number) {
    this.#fd = fd;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    process.once('exit', (code) => this.#drainAtExit(code));
  }

  /** Keeps later lines behind text that was printed through a stream of Node for the same reader. */
  stayBehind(stream: Writable): void {
    this.#streams.push(stream);
  }

  /** Whether the reader has not taken everything yet. */
  get isBehind(): boolean {
    return !this.#waiting.isEmpty || this.#isPrinting;
  }

  /** Writes text, or a log line, which is dropped if too many others wait. */
  write(text: string, kind: Kind = 'text'): void {
    const bytes = Buffer.from(text);
    const rest = this.isBehind ? bytes : bytes.subarray(this.#tryWrite(bytes));
    if (rest.length === 0 || this.#isClosed) return;
    this.#waiting.add(kind, rest);
    this.#retryLater(firstDelayMs);
  }

  /** Has the number of dropped lines logged by this function, once half of the waiting lines are written. */
  onLoss(log: (lines: number) => void): void {
    this.#onLoss = log;
  }

  /** Waits until everything is written, also text that was printed through Node's streams. */
  async flush(): Promise<void> {
    while (this.isBehind && !this.#isClosed) await delay(10);
  }

  /** Writes nothing more. */
  close(error: NodeJS.ErrnoException): void {
    this.#isClosed = true;
    this.#resolveClosed(error);
  }

  get #isPrinting(): boolean {
    return this.#streams.some(({ writableLength }) => writableLength > 0);
  }

  /** @returns how many bytes the reader has taken */
  readonly #tryWrite = (bytes: Uint8Array): number => {
    if (this.#isClosed) return 0;
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.close(error as NodeJS.ErrnoException);
      return 0;
    }
  };

  /** Does not keep the process running, because its exit is another try. */
  #retryLater(delayMs: number): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    setTimeout(() => {
      this.#isRetrying = false;
      const nextMs = this.#drain() ? firstDelayMs : Math.min(2 * delayMs, longestDelayMs);
      if (!this.#waiting.isEmpty && !this.#isClosed) this.#retryLater(nextMs);
    }, delayMs).unref();
  }

  /** @returns whether the reader has taken something */
  #drain(): boolean {
    const bytes = this.#isPrinting ? 0 : this.#waiting.take(this.#tryWrite);
    const lines = this.#waiting.takeDropped();
    if (lines > 0) this.#onLoss?.(lines);
    return bytes > 0;
  }

  /** Blocks, because only `exit` listeners run from now on. */
  #drainAtExit(code: number): void {
    // Text that waits in a stream of Node is lost, maybe in the middle of a line.
    if (this.#isPrinting && !this.#waiting.isEmpty) this.#tryWrite(Buffer.from('\n'));
    this.#streams.length = 0;
    // After a second signal, only what the reader takes at once is written.
    const patience = code > 128 ? 0 : patienceMs;
    if (!this.#drainFor(exitPhaseMs, patience)) return;
    this.#waiting.dropOrdinary();
    this.#drainFor(exitPhaseMs, patience);
  }

  /** @returns whether the reader still takes something */
  #drainFor(limitMs: number, patience: number): boolean {
    const start = performance.now();
    let progressAt = start;
    while (!this.#waiting.isEmpty && !this.#isClosed && performance.now() - start < limitMs) {
      if (this.#drain()) progressAt = performance.now();
      else if (performance.now() - progressAt >= patience) return false;
      // Blocks the thread for a millisecond.
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
    return !this.#isClosed;
  }
}
