/** Reading more chunks in a row would block other requests. */
const maxReadAhead = 64;

/**
 * Reads the body of a response and finds out whether all of it is available already.
 *
 * A body of text or bytes arrives within microtasks. A body that waits for a disk, a socket, a timer or a thread never
 * does. The next turn of the event loop therefore separates the two.
 */
export class ResponseBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  #pending: ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']> | undefined;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** The whole body, or `undefined` if it takes longer than a turn of the event loop; {@link next} then returns it. */
  async whole(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let immediate: NodeJS.Immediate | undefined;
    const turn = new Promise<undefined>((resolve) => {
      immediate = setImmediate(resolve, undefined);
    });
    try {
      while (this.#chunks.length < maxReadAhead) {
        this.#pending = this.#reader.read();
        const result = await Promise.race([this.#pending, turn]);
        if (result === undefined) return undefined;
        this.#pending = undefined;
        if (result.done) return this.#joined();
        this.#chunks.push(result.value);
      }
      return undefined;
    } finally {
      clearImmediate(immediate);
    }
  }

  #joined(): Uint8Array<ArrayBuffer> {
    const [only] = this.#chunks;
    return (this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks)) as Uint8Array<ArrayBuffer>;
  }

  /** The next chunk, or `undefined` after the last one. */
  async next(maxLength = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    const chunk = this.#chunks.shift() ?? (await this.#readNext());
    if (chunk === undefined || chunk.length <= maxLength) return chunk;
    this.#chunks.unshift(chunk.subarray(maxLength));
    return chunk.subarray(0, maxLength);
  }

  async #readNext(): Promise<Uint8Array | undefined> {
    const read = this.#pending ?? this.#reader.read();
    this.#pending = undefined;
    return (await read).value;
  }

  /** Cancels the source, drops the rest of the body, and ends a waiting {@link next}. */
  cancel(reason?: unknown): Promise<void> {
    this.#chunks.length = 0;
    return this.#reader.cancel(reason);
  }
}
