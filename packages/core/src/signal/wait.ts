/** Waits for one event with a stream that ends after it. */
import { AsphaltError } from '../errors/asphalt-error.ts';
import { Inlet, type Subscribable } from './stream.ts';

export interface WaitOptions {
  /** Rejects the promise with the signal's reason. */
  readonly abort?: AbortSignal;
}

/** Resolves with the next event of a source that the filter accepts. @internal */
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
