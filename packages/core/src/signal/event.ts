/** An optional base class for events that record their origin. Signals can dispatch any other value too. */
import { kindOf } from './errors.ts';

/**
 * The base class of events with a source, a topic and a time. A signal that is created with the event's class sets them
 * when it dispatches the event: `readonly changed = new Signal(PageChanged)`. If an event is dispatched several times,
 * they describe the last dispatch.
 */
export abstract class SignalEvent {
  #source: object | undefined;
  #topic = '';
  #time = NaN;

  /** Sets the origin of an event. Only signals call this. @internal */
  static stamp(event: SignalEvent, source: object | undefined, topic: string): void {
    event.#source = source;
    event.#topic = topic;
    event.#time = Date.now();
  }

  /** The resource whose signal dispatched the event; undefined for a signal that belongs to no resource. */
  get source(): object | undefined {
    return this.#source;
  }

  /** The name of the signal, which is the name of its field. */
  get topic(): string {
    return this.#topic;
  }

  /** The time of the dispatch in milliseconds since 1970; NaN before. */
  get time(): number {
    return this.#time;
  }

  toString(): string {
    const source = this.#source === undefined ? 'none' : kindOf(this.#source);
    return `${this.constructor.name}(source=${source}, topic='${this.#topic}')`;
  }
}

/** An event class that a signal can be created with. */
export type EventClass<T> = (abstract new (...args: never[]) => T) & (abstract new (...args: never[]) => SignalEvent);
