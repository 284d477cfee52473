/** Waits for one event with a stream that ends after it. */
import { SignalCompletedError } from './errors.ts';
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
