/** The failure of a subscriber, and who receives it. */
import { describeThrown } from '../errors/asphalt-error.ts';

/** The owner of a signal, which receives the errors of its subscribers. */
export interface SignalOwner {
  /** The name, in messages, of the resource or component that the signal belongs to. */
  readonly name: string;
  readonly onError: (failure: SubscriberFailure) => void;
}

/** The error that a subscriber threw, or that its promise rejected with. */
export interface SubscriberFailure {
  readonly error: unknown;
  /** The name of the signal, which is that of its field. */
  readonly signal: string;
  /** The name of its owner. */
  readonly owner: string;
  /** The name of the function that failed; undefined if it has none or if the error comes from an operator. */
  readonly subscriber: string | undefined;
}

/** Emits a process warning for a subscriber's error when there is no application to report it to. @internal */
export function warnOfFailure(error: unknown): void {
  process.emitWarning(`A subscriber of a signal failed: ${describeThrown(error)}`, {
    code: 'ASPHALT_SUBSCRIBER_FAILED',
    ...(error instanceof Error && error.stack !== undefined && { detail: error.stack }),
  });
}
