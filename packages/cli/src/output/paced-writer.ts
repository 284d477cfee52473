/**
 * Writes to a file descriptor at the pace of its reader. A write that would block is tried again by a timer, so the
 * event loop continues. Knows nothing of lines.
 */
import { writevSync } from 'node:fs';
import type { Descriptor } from './descriptor.ts';

/** The delays between two tries, in milliseconds. A reader that has just read is probably about to read more. */
const firstDelayMs = 1;
const longestDelayMs = 50;

/** How many chunks one call of the system takes. */
const batchSize = 256;

/** What one call of {@link PacedWriter.write} is to write. */
export interface Batch {
  readonly chunks: readonly Uint8Array[];
  /** Called with each chunk that is written. */
  readonly onWritten: (chunk: Uint8Array) => void;
  /** Called when all chunks are written, or nothing can be written any more. */
  readonly onEnd: (error?: Error) => void;
}

interface Pending extends Batch {
  /** The chunks that are not completely written. */
  rest: readonly Uint8Array[];
  /** How many bytes of the first one are written. */
  offset: number;
}

export class PacedWriter {
  readonly #descriptor: Descriptor;
  #pending: Pending | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = firstDelayMs;
  #stalledSince: number | undefined;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
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
  tryWrite(chunks: readonly Uint8Array[]): number {
    try {
      this.#descriptor.unblock();
      const written = writevSync(this.#descriptor.fd, chunks);
      this.#stalledSince = undefined;
      return written;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      this.#stalledSince ??= performance.now();
      return 0;
    }
  }

  /** Writes this, maybe at once. One call at a time, as for `_write` of a stream. */
  write(batch: Batch): void {
    this.#pending = { ...batch, rest: batch.chunks, offset: 0 };
    this.advance();
  }

  /**
   * Tries again now to write what is pending.
   *
   * @returns how many bytes the reader has taken
   */
  advance(): number {
    clearTimeout(this.#timer);
    const pending = this.#pending;
    let total = 0;
    while (pending && this.#pending === pending) {
      const written = this.#writeSome(pending);
      total += written;
      if (written > 0 || this.#pending !== pending) continue;
      this.#delayMs = total > 0 ? firstDelayMs : Math.min(2 * this.#delayMs, longestDelayMs);
      this.#timer = setTimeout(() => this.advance(), this.#delayMs);
      break;
    }
    return total;
  }

  /** Removes the pending chunks of which nothing is written yet and for which `isSkipped` returns true. */
  skip(isSkipped: (chunk: Uint8Array) => boolean): void {
    const pending = this.#pending;
    if (!pending) return;
    pending.rest = pending.rest.filter((chunk, index) => (index === 0 && pending.offset > 0) || !isSkipped(chunk));
  }

  #writeSome(pending: Pending): number {
    let written = 0;
    if (pending.rest.length > 0) {
      const [first, ...others] = pending.rest.slice(0, batchSize);
      try {
        written = this.tryWrite([first!.subarray(pending.offset), ...others]);
      } catch (error) {
        this.#end(pending, error as Error);
        return 0;
      }
    }
    pending.offset += written;
    let index = 0;
    for (let chunk = pending.rest[0]; chunk && chunk.length <= pending.offset; chunk = pending.rest[++index]) {
      pending.offset -= chunk.length;
      pending.onWritten(chunk);
    }
    pending.rest = pending.rest.slice(index);
    if (pending.rest.length === 0) this.#end(pending);
    return written;
  }

  #end({ onEnd }: Pending, error?: Error): void {
    this.#pending = undefined;
    onEnd(error);
  }
}
