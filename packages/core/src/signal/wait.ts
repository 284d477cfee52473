/** Waiting for one event: a stream that takes one and ends. */
import { AsphaltError } from '../errors/asphalt-error.ts';
import { Inlet, type Subscribable } from './stream.ts';

export interface WaitOptions {
  /** Ends the waiting with the signal's reason. */
  readonly abort?: AbortSignal;
}

/** The next event of a source (that the filter accepts). @internal */
export async function firstEvent<T>(
  source: Subscribable<T>,
  filter: ((event: T) => boolean) | undefined,
  options: WaitOptions | undefined,
): Promise<T> {
  const inlet = new Inlet<T>(source, { ...options, ...(filter && { filter }), overflow: 'latest' }, String);
  try {
    const { value, done } = await inlet.next();
    if (done === true) throw new SignalCompletedError();
    return value;
  } finally {
    inlet.leave();
  }
}

/** Raised by `wait` when the signal completes before an event came. */
export class SignalCompletedError extends AsphaltError {
  readonly code = 'ERR_SIGNAL_COMPLETED';

  constructor() {
    super({
      summary: 'The signal completed before the awaited event came',
      details: [['note', 'a signal completes when the context of its owner closes']],
    });
  }
}
