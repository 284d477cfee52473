/** More reads than this at a stretch would keep the event loop from other requests. */
const maxReadAhead = 64;

/**
 * Reads the body of an answer and tells whether all of it was there already.
 *
 * A body made from a string or bytes arrives within microtasks, one that waits for a disk, a socket, a timer
 * or another thread never does: so whatever has been read when the event loop comes round decides.
 */
export class AnswerBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  #pending: ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']> | undefined;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  /** The whole body, or `undefined` when it takes longer than one turn of the event loop: then {@link next} has it. */
  async whole(): Promise<Uint8Array | undefined> {
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
        if (result.done) return this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
        this.#chunks.push(result.value);
      }
      return undefined;
    } finally {
      clearImmediate(immediate);
    }
  }

  /** The next part, or `undefined` after the last. */
  async next(): Promise<Uint8Array | undefined> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) return chunk;
    const read = this.#pending ?? this.#reader.read();
    this.#pending = undefined;
    return (await read).value;
  }

  /** Tells the source to stop; what it had not handed over yet is dropped, and a waiting {@link next} ends. */
  cancel(reason?: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }
}
