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

/** A live event, or the end of the source with its error, if any. */
type Arrival<T> = { readonly event: T } | { readonly error: unknown };

/** The length of a chunk of several events. */
const maxChunk = 65_536;
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
  #arrived: Arrival<T> | undefined;
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
      else controller.enqueue(encoder.encode(text + (await this.#waitingLive(text.length))));
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

  /** Returns the next live event, a comment after some time without one, or `undefined` at the end. */
  async #nextLive(): Promise<string | undefined> {
    for (;;) {
      this.#request();
      await this.#arrival();
      const arrived = this.#take();
      if (arrived === undefined) return comment;
      if ('event' in arrived) {
        const text = this.#textOfNew(arrived.event);
        if (text !== '') return text;
      } else if (arrived.error === undefined) {
        return undefined;
      } else {
        if (!(arrived.error instanceof StreamOverflowError)) throw arrived.error as Error;
        this.#settings.onSlow(this.#slowClient());
        return undefined;
      }
    }
  }

  /** Returns the live events that wait already, up to the size of a chunk. */
  async #waitingLive(length: number): Promise<string> {
    let text = '';
    while (!this.#isReplaying && length + text.length < maxChunk) {
      this.#request();
      // The promise of an event that waits has settled already.
      await Promise.resolve();
      await Promise.resolve();
      if (this.#arrived === undefined || !('event' in this.#arrived)) break;
      text += this.#textOfNew(this.#arrived.event);
      this.#take();
    }
    return text;
  }

  #request(): void {
    if (this.#isRequested) return;
    this.#isRequested = true;
    const arrive = (arrived: Arrival<T>): void => {
      this.#arrived = arrived;
      this.#wake?.();
    };
    this.#live.next().then(
      ({ value, done }) => arrive(done === true ? { error: undefined } : { event: value }),
      (error: unknown) => arrive({ error }),
    );
  }

  #take(): Arrival<T> | undefined {
    const arrived = this.#arrived;
    if (arrived === undefined) return undefined;
    this.#arrived = undefined;
    this.#isRequested = false;
    return arrived;
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
    const id = this.#settings.options.id?.(event);
    return id === undefined ? undefined : String(id);
  }

  /** Returns the text of a live event; empty if it was replayed. */
  #textOfNew(event: T): string {
    const id = this.#idOf(event);
    return id !== undefined && this.#replayedIds.delete(id) ? '' : this.#textOf(event, id);
  }

  #slowClient(): SlowClientError {
    return new SlowClientError(this.#settings.name, `${this.#capacity} events`, [
      'raise the option capacity of eventsOf()',
      "drop events for slow clients: overflow: 'drop-oldest'",
    ]);
  }

  #textOf(value: T, id: string | undefined): string {
    const { data = toJson, event } = this.#settings.options;
    return eventText(data(value), typeof event === 'function' ? event(value) : event, id);
  }
}

function iteratorOf<T>(events: Replay<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in events ? events[Symbol.asyncIterator]() : events[Symbol.iterator]();
}
