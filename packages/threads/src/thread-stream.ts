/**
 * The reader's half of a stream whose items a thread produces. `thread/send-stream.ts` has the other half. The reader can
 * leave in every state of its call; `ThreadCall` limits the time in which the thread must then end the stream.
 */
import type { MessagePort } from 'node:worker_threads';
import { streamCapacity, type StreamDemand, type StreamItem } from './messages.ts';

/** Number of items after which the reader requests further ones. */
const lot = streamCapacity / 2;

type Settle = {
  readonly resolve: (result: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
};

/** The thread produces at most `streamCapacity` items in advance. Leaving the loop ends the iterator in the thread. */
export class ThreadStream implements AsyncIterableIterator<unknown> {
  readonly #port: MessagePort;
  readonly #revive: (item: StreamItem & { readonly thrown: unknown }) => unknown;
  readonly #items: unknown[] = [];
  readonly #readers: Settle[] = [];
  #read = 0;
  #isLeft = false;
  #ending: { readonly error: unknown } | { readonly value: unknown } | undefined;

  constructor(port: MessagePort, revive: (item: StreamItem & { readonly thrown: unknown }) => unknown) {
    this.#port = port;
    this.#revive = revive;
    // Deno's ports have only the `addEventListener` of the web.
    port.addEventListener('message', (event) => this.#receive((event as Event & { readonly data: StreamItem }).data));
    port.start();
    this.#demand({ more: streamCapacity });
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#items.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      if (this.#ending) this.#settleReaders();
    });
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.#items.length = 0;
    if (!this.#ending) {
      this.leave();
      // Drop items that are still arriving until the thread reports the end of its iterator.
      while (!(await this.next()).done);
    }
    return { done: true, value: undefined };
  }

  /** Asks the thread to end its iterator. */
  leave(): void {
    if (this.#isLeft || this.#ending) return;
    this.#isLeft = true;
    this.#demand({ end: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Fails the stream after the items that have arrived, because its thread has ended or is being terminated. */
  fail(error: unknown): void {
    this.#end({ error });
  }

  /** Ends the stream without an error, because its thread is being terminated after the reader has left. */
  abandon(): void {
    this.#end({ value: undefined });
  }

  #receive(item: StreamItem): void {
    if ('thrown' in item) this.#end({ error: this.#revive(item) });
    else if ('done' in item) this.#end({ value: item.value });
    else {
      this.#items.push(item.value);
      const reader = this.#readers.shift();
      reader?.resolve({ done: false, value: this.#take() });
    }
  }

  #take(): unknown {
    if (++this.#read % lot === 0 && !this.#ending) this.#demand({ more: lot });
    return this.#items.shift();
  }

  #demand(demand: StreamDemand): void {
    this.#port.postMessage(demand);
  }

  #end(ending: { readonly error: unknown } | { readonly value: unknown }): void {
    if (this.#ending) return;
    this.#ending = ending;
    this.#port.close();
    this.#settleReaders();
  }

  /** Reports the ending, with its error or value, to the first reader. The others receive only `done`. */
  #settleReaders(): void {
    for (const { resolve, reject } of this.#readers.splice(0)) {
      const ending = this.#ending;
      this.#ending = { value: undefined };
      if (ending && 'error' in ending) reject(ending.error);
      else resolve({ done: true, value: ending?.value });
    }
  }
}

/** The part of a call that the reader of its stream uses. */
export interface StreamingCall {
  /** Resolves with the stream, or with another iterable. */
  readonly outcome: Promise<unknown>;
  /** Ends the call, because the reader needs no more items. */
  leave(): void;
}

/** The stream of a call whose reader left before the function returned a stream. */
export const emptyStream: AsyncIterable<unknown> = (async function* () {})();

/** Iterates over the stream of a call. The reader can leave while the call waits for a thread or for an item. */
export function readStream(call: StreamingCall): AsyncIterableIterator<unknown> {
  let opened: Promise<AnyIterator> | undefined;
  const stream = (): Promise<AnyIterator> => (opened ??= call.outcome.then(iteratorOf));
  return {
    next: async () => (await stream()).next(),
    return: async () => {
      call.leave();
      const iterator = await stream().catch(() => undefined);
      await iterator?.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

type AnyIterator = AsyncIterator<unknown> | Iterator<unknown>;

function iteratorOf(value: unknown): AnyIterator {
  const iterable = value as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  return iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]!();
}
