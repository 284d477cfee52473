/** The bytes of an event stream: first the replayed events, then the live ones, with comments in quiet times. */
import type { UnderlyingSource } from 'node:stream/web';
import { StreamOverflowError, streamEvents, type EventStream } from '@asphalt/core';
import type { Observable } from 'rxjs';
import { SlowClientError } from './errors.ts';
import type { EventsOptions, Replay } from './event-options.ts';
import { toJson } from './live-source.ts';
import { eventText } from './server-sent-event.ts';

export interface EventBytesSettings<T> {
  readonly source: Observable<T>;
  readonly options: Omit<EventsOptions<T>, 'replay'>;
  readonly replay: () => Promise<Replay<T>>;
  readonly onSlow: (error: SlowClientError) => void;
  /** The name of the request. */
  readonly name: string;
}

const comment = ': still here\n\n';
const encoder = new TextEncoder();

export class EventBytes<T> implements UnderlyingSource<Uint8Array> {
  readonly #settings: EventBytesSettings<T>;
  readonly #capacity: number;
  readonly #live: EventStream<T>;
  #replayed: Iterator<T> | AsyncIterator<T> | undefined;
  /** The ids of the last replayed events. */
  readonly #replayedIds = new Set<string>();
  #isReplaying = true;
  #hasLeft = false;
  #isRequested = false;
  /** Returns the requested event, or throws, once it has arrived. */
  #arrived: (() => IteratorResult<T, undefined>) | undefined;
  /** Ends a wait for the next live event. */
  #wake: (() => void) | undefined;

  /** Subscribes to the source. */
  constructor(settings: EventBytesSettings<T>) {
    const { source, options } = settings;
    const { capacity = 100, overflow = 'disconnect' } = options;
    this.#settings = settings;
    this.#capacity = capacity;
    this.#live = streamEvents([source], { capacity, overflow: overflow === 'disconnect' ? 'error' : overflow });
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { retryMs } = this.#settings.options;
    if (retryMs !== undefined) controller.enqueue(encoder.encode(`retry: ${retryMs}\n\n`));
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const text = (await this.#nextReplayed()) ?? (await this.#nextLive());
      if (this.#hasLeft) return;
      if (text === undefined) controller.close();
      else controller.enqueue(encoder.encode(text));
    } catch (error) {
      await this.cancel();
      throw error;
    }
  }

  async cancel(): Promise<void> {
    this.#hasLeft = true;
    await this.#live.return();
    this.#wake?.();
    await this.#replayed?.return?.();
  }

  async #nextReplayed(): Promise<string | undefined> {
    if (!this.#isReplaying) return undefined;
    this.#replayed ??= iteratorOf(await this.#settings.replay());
    const { value, done } = await this.#replayed.next();
    if (done === true) {
      this.#isReplaying = false;
      return undefined;
    }
    const id = this.#idOf(value);
    if (id !== undefined) this.#replayedIds.add(id);
    const [oldest] = this.#replayedIds;
    if (this.#replayedIds.size > this.#capacity) this.#replayedIds.delete(oldest!);
    return this.#textOf(value, id);
  }

  /** Returns the next event, a comment after some time without one, or `undefined` at the end. */
  async #nextLive(): Promise<string | undefined> {
    for (;;) {
      const result = await this.#result();
      if (result === undefined) return comment;
      if (result.done === true) return undefined;
      const id = this.#idOf(result.value);
      if (id === undefined || !this.#replayedIds.delete(id)) return this.#textOf(result.value, id);
    }
  }

  /** Returns the next live event, or `undefined` if none arrives in time. */
  async #result(): Promise<IteratorResult<T, undefined> | undefined> {
    if (!this.#isRequested) this.#request();
    await this.#arrival();
    const arrived = this.#arrived;
    if (arrived === undefined) return undefined;
    this.#arrived = undefined;
    this.#isRequested = false;
    try {
      return arrived();
    } catch (error) {
      if (!(error instanceof StreamOverflowError)) throw error;
      const { onSlow, name } = this.#settings;
      onSlow(
        new SlowClientError(name, `${this.#capacity} events`, [
          'raise the option capacity of eventsOf()',
          "drop events for slow clients: overflow: 'drop-oldest'",
        ]),
      );
      return { done: true, value: undefined };
    }
  }

  #request(): void {
    const arrive = (arrived: () => IteratorResult<T, undefined>): void => {
      this.#arrived = arrived;
      this.#wake?.();
    };
    this.#isRequested = true;
    this.#live.next().then(
      (result) => arrive(() => result),
      (error: unknown) =>
        arrive(() => {
          throw error;
        }),
    );
  }

  /** Waits for the requested event, or for the time of a comment. */
  async #arrival(): Promise<void> {
    if (this.#arrived || this.#hasLeft) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#settings.options.heartbeatMs ?? 15_000);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #idOf(event: T): string | undefined {
    const { id } = this.#settings.options;
    return id && String(id(event));
  }

  #textOf(value: T, id: string | undefined): string {
    const { data = toJson, event } = this.#settings.options;
    return eventText(data(value), typeof event === 'function' ? event(value) : event, id);
  }
}

function iteratorOf<T>(events: Replay<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in events ? events[Symbol.asyncIterator]() : events[Symbol.iterator]();
}
