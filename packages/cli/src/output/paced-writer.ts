/**
 * Writes to a file descriptor at the pace of its reader. A write that would block is tried again by a timer, so the
 * event loop continues. Knows nothing of lines.
 */
import { writeSync } from 'node:fs';

/** The delays between two tries, in milliseconds. A reader that has just read is probably about to read more. */
const firstDelayMs = 1;
const longestDelayMs = 50;

interface Pending {
  readonly bytes: Uint8Array;
  rest: Uint8Array;
  readonly done: (error?: Error | null) => void;
}

export class PacedWriter {
  readonly #fd: number;
  #pending: Pending | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = firstDelayMs;
  #stalledSince: number | undefined;

  /** @param fd - a file descriptor that reports `EAGAIN` instead of blocking */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Whether something waits for the reader. */
  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  /** How long the reader has taken nothing although something waits, in milliseconds. */
  get stalledMs(): number {
    return this.#stalledSince === undefined ? 0 : performance.now() - this.#stalledSince;
  }

  /**
   * Writes as many bytes as the reader takes now.
   *
   * @returns how many
   * @throws any other error of the system than `EAGAIN`
   */
  tryWrite(bytes: Uint8Array): number {
    let written = 0;
    try {
      while (written < bytes.length) {
        written += writeSync(this.#fd, bytes, written);
        this.#stalledSince = undefined;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      this.#stalledSince ??= performance.now();
    }
    return written;
  }

  /** Writes all of this and then calls `done`, maybe at once. One call at a time, as for `_write` of a stream. */
  write(bytes: Uint8Array, done: Pending['done']): void {
    this.#pending = { bytes, rest: bytes, done };
    this.advance();
  }

  /**
   * Tries again now to write what is pending.
   *
   * @returns how many bytes the reader has taken
   */
  advance(): number {
    const pending = this.#pending;
    if (!pending) return 0;
    clearTimeout(this.#timer);
    let written: number;
    try {
      written = this.tryWrite(pending.rest);
    } catch (error) {
      this.#end(pending, error as Error);
      return 0;
    }
    pending.rest = pending.rest.subarray(written);
    if (pending.rest.length === 0) this.#end(pending);
    else {
      this.#delayMs = written > 0 ? firstDelayMs : Math.min(2 * this.#delayMs, longestDelayMs);
      this.#timer = setTimeout(() => this.advance(), this.#delayMs);
    }
    return written;
  }

  /** Skips what is pending if nothing of it is written yet and `isSkipped` returns true for it. */
  skip(isSkipped: (bytes: Uint8Array) => boolean): void {
    const pending = this.#pending;
    if (!pending || pending.rest.length < pending.bytes.length || !isSkipped(pending.bytes)) return;
    clearTimeout(this.#timer);
    this.#end(pending);
  }

  #end({ done }: Pending, error?: Error): void {
    this.#pending = undefined;
    done(error);
  }
}
