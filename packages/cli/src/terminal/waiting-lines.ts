/** Lines that wait for their reader, in order. Beyond a limit, lines are dropped and counted. */

/** How many bytes may wait: of log lines, of those at the level ERROR, and of other text. */
const limitBytes = { line: 8 * 1024 * 1024, error: 8 * 1024 * 1024, text: Infinity };

export type Kind = keyof typeof limitBytes;

/** How many lines are taken at a time, so that a fast reader does not occupy the event loop. */
const linesAtATime = 1_000;

export class WaitingLines {
  #lines: Array<{ readonly kind: Kind; rest: Uint8Array }> = [];
  readonly #bytes = { line: 0, error: 0, text: 0 };
  #dropped = 0;

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Adds a line, or drops it. After the first drop, ordinary lines are dropped until the number is reported. */
  add(kind: Kind, rest: Uint8Array): void {
    if (this.#bytes[kind] >= limitBytes[kind] || (kind === 'line' && this.#dropped > 0)) {
      this.#dropped++;
      return;
    }
    this.#lines.push({ kind, rest });
    this.#bytes[kind] += rest.length;
  }

  /**
   * Removes the lines that `write` takes; it returns the number of bytes. Each line is a call of its own: a pipe takes
   * up to 4 KB whole or not at all, so text that the application prints in between does not tear a line.
   *
   * @returns how many bytes are written
   */
  take(write: (bytes: Uint8Array) => number): number {
    let total = 0;
    let lines = 0;
    for (const line of this.#lines.slice(0, linesAtATime)) {
      const written = write(line.rest);
      total += written;
      this.#bytes[line.kind] -= written;
      line.rest = line.rest.subarray(written);
      if (line.rest.length > 0) break;
      lines++;
    }
    this.#lines.splice(0, lines);
    return total;
  }

  /** Drops the ordinary log lines, except the first, which may be written in part. */
  dropOrdinary(): void {
    const kept = this.#lines.filter(({ kind }, index) => kind !== 'line' || index === 0);
    this.#dropped += this.#lines.length - kept.length;
    this.#lines = kept;
    this.#bytes.line = 0;
  }

  /** @returns how many lines were dropped since the last call; 0 while more than half of the limit waits */
  takeDropped(): number {
    if (this.#bytes.line > limitBytes.line / 2 || this.#bytes.error > limitBytes.error / 2) return 0;
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
