/**
 * Reports the errors that no caller receives: to `onError`, otherwise to the logger, otherwise as process warnings. It must
 * not end the application; its owner does.
 */
import type { Logger } from '../component/logger.ts';
import { isThenable } from '../context/teardown.ts';
import { warnOfFailure } from '../errors/warn-of-failure.ts';

export interface FailureReceivers {
  readonly logger?: Logger | undefined;
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly onEnding?: ((error: unknown) => void) | undefined;
}

export class FailureReports {
  /** The errors that neither `onError` nor a logger received. */
  readonly unhandled: unknown[] = [];
  readonly #receivers: FailureReceivers;
  readonly #onErrorFailed: (failure: unknown) => void;

  /** @param onErrorFailed - called with the error that `onError` throws */
  constructor(receivers: FailureReceivers, onErrorFailed: (failure: unknown) => void) {
    this.#receivers = receivers;
    this.#onErrorFailed = onErrorFailed;
  }

  /** Whether `onError` or a logger exists. */
  get hasReceiver(): boolean {
    return this.#receivers.onError !== undefined || this.#receivers.logger !== undefined;
  }

  /** Announces the error that ends the application. */
  announce(endedBy: unknown): void {
    try {
      this.#receivers.onEnding?.(endedBy);
    } catch (failure) {
      this.report(failure);
    }
  }

  /** Reports an error. If `onError` throws, the error is logged, unless the thrown error contains it. */
  report(error: unknown): void {
    const { onError } = this.#receivers;
    if (!onError) {
      this.log(error);
      return;
    }
    const failed = (failure: unknown): void => {
      if (!areRelated(failure, error)) this.log(error);
      this.#onErrorFailed(failure);
    };
    try {
      const result: unknown = onError(error);
      // An async function is assignable to the declared type.
      if (isThenable(result)) result.then(undefined, failed);
    } catch (failure) {
      failed(failure);
    }
  }

  /** Writes an error to the logger, or emits a warning. */
  log(error: unknown): void {
    const { logger } = this.#receivers;
    if (logger) {
      logger.error(error instanceof Error ? error.message : String(error), { err: error });
      return;
    }
    this.unhandled.push(error);
    warnOfFailure(error);
  }
}

/** Returns whether one of two errors is the other one, or is among its causes. */
export function areRelated(one: unknown, other: unknown): boolean {
  return causesOf(one).includes(other) || causesOf(other).includes(one);
}

/** Returns an error and its causes. */
function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at = error; at !== undefined && !causes.includes(at); at = at instanceof Error ? at.cause : undefined) {
    causes.push(at);
  }
  return causes;
}
