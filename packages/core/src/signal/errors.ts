/** Errors of signals, streams and deliveries. */
import { AsphaltError } from '../errors/asphalt-error.ts';

/** Raised by `dispatch()` when the event is not an instance of the signal's class. */
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
      help: `dispatch an instance of ${expected}, or create the signal without a class: new Signal()`,
    });
  }
}

/** Raised by a stream or a handler with `overflow: 'error'` when its queue is full. */
export class StreamOverflowError extends AsphaltError {
  readonly code = 'ERR_STREAM_OVERFLOW';

  constructor(readonly capacity: number) {
    super({
      summary: `A signal stream is full: ${capacity} events wait for a consumer that is slower than the sender`,
      help: "raise its capacity, or choose another overflow policy, such as 'drop-oldest' or 'latest'",
    });
  }
}

/** Raised by `wait()` when the signal completes before an event arrives. */
export class SignalCompletedError extends AsphaltError {
  readonly code = 'ERR_SIGNAL_COMPLETED';

  constructor() {
    super({
      summary: 'The signal completed before the awaited event arrived',
      details: [['note', 'a signal completes when the context of its owner closes']],
    });
  }
}

/** Raised when a second handler consumes a source of deliveries. */
export class DeliveryConsumerError extends AsphaltError {
  readonly code = 'ERR_DELIVERY_CONSUMER';
  /** The consumer that the source has. */
  readonly first: string;

  constructor(
    /** The consumer that was refused. */
    readonly second: string,
    { consumer, isStopping }: { readonly consumer: string; readonly isStopping: boolean },
  ) {
    super({
      summary: isStopping
        ? `\`${second}\` cannot consume deliveries: \`${consumer}\` is still stopping`
        : `\`${second}\` cannot consume deliveries that \`${consumer}\` consumes`,
      details: [['note', 'a source has one consumer, because each event goes to one handler only']],
      help: isStopping
        ? 'find out why stop() of the source does not finish'
        : 'handle the events in one method, and call the other one from it',
    });
    this.first = consumer;
  }
}

/** Describes a value by its type, without its content, which may be secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`;
}
