/** Events that know where they come from: an optional base class. Signals dispatch anything else just as well. */
import { AsphaltError } from '../errors/asphalt-error.ts';

/** Fills in an event; only signals do that. @internal */
export let stamp: (event: SignalEvent, source: object | undefined, topic: string) => void;

/**
 * The base of events that tell their source, topic and time. A signal that is made with the event's class fills them
 * in when it dispatches: `readonly changed = new Signal(PageChanged)`. Dispatched again, an event tells of the last
 * dispatch.
 */
export abstract class SignalEvent {
  #source: object | undefined;
  #topic = '';
  #time = NaN;

  static {
    stamp = (event, source, topic) => {
      event.#source = source;
      event.#topic = topic;
      event.#time = Date.now();
    };
  }

  /** The resource whose signal dispatched the event; undefined for a signal that belongs to no resource. */
  get source(): object | undefined {
    return this.#source;
  }

  /** The name of the signal: that of the field which holds it. */
  get topic(): string {
    return this.#topic;
  }

  /** When the event was dispatched, in milliseconds since 1970; NaN before. */
  get time(): number {
    return this.#time;
  }

  toString(): string {
    const source = this.#source === undefined ? 'none' : kindOf(this.#source);
    return `${this.constructor.name}(source=${source}, topic='${this.#topic}')`;
  }
}

/** A class of events, for signals that are made with it. */
export type EventClass<T> = (abstract new (...args: never[]) => T) & (abstract new (...args: never[]) => SignalEvent);

/** Raised at the sender when a signal that was made with a class is to dispatch something else. */
export class EventTypeError extends AsphaltError {
  readonly code = 'ERR_EVENT_TYPE';

  constructor(
    readonly signal: string,
    readonly expected: string,
    event: unknown,
  ) {
    super({
      summary: `A signal of ${expected} cannot dispatch ${kindOf(event)}`,
      details: [['called in', `dispatch() of ${signal}`]],
      help: `dispatch an instance of ${expected}, or make the signal without a class: new Signal()`,
    });
  }
}

/** What a value is, but not which: it may be no business of a log. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`;
}
