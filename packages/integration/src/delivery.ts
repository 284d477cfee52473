/** A message as a handler receives it, and the errors by which a handler decides what happens to it. */
import { AsphaltError, type TeardownError } from '@asphalt/core';

const rejected: unique symbol = Symbol.for('@asphalt/integration/rejected') as never;
const deferred: unique symbol = Symbol.for('@asphalt/integration/deferred') as never;

/** A message of a broker. */
export interface Delivery<T> {
  /** Identifies the message; the same for every attempt. */
  readonly id: string;
  /** The payload; undefined in `onError` if it could not be read. */
  readonly value: T;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Thrown by a handler that can never handle a message: it becomes a dead letter at once, and its context rolls back. */
export class RejectedDelivery extends Error {
  static {
    Object.defineProperty(this.prototype, rejected, { value: true });
    Object.defineProperty(this.prototype, 'name', { value: 'RejectedDelivery' });
  }

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
  }

  /** Returns whether a value is such an error, including those of other installed copies of this package. */
  static is(error: unknown): error is RejectedDelivery {
    return error instanceof Error && rejected in error;
  }
}

/** Thrown by a handler that cannot handle a message yet: its context rolls back, the message returns, and no attempt counts. */
export class DeferredDelivery extends Error {
  static {
    Object.defineProperty(this.prototype, deferred, { value: true });
    Object.defineProperty(this.prototype, 'name', { value: 'DeferredDelivery' });
  }

  constructor(readonly delayMs: number) {
    super(`deferred by ${delayMs} ms`);
  }

  /** Returns whether a value is such an error, including those of other installed copies of this package. */
  static is(error: unknown): error is DeferredDelivery {
    return error instanceof Error && deferred in error;
  }
}

/** Whether a failed delivery becomes a dead letter, or returns without a counted attempt after a delay. */
export type Verdict = { readonly isDead: boolean } | { readonly deferMs: number };

/** Returns the decision that the error of a handler contains. A teardown may have failed after the handler. */
export function verdictOf(error: unknown): Verdict {
  if (DeferredDelivery.is(error)) return { deferMs: error.delayMs };
  if (RejectedDelivery.is(error)) return { isDead: true };
  const code = AsphaltError.is(error) ? error.code : undefined;
  if (uncounted.has(code)) return { deferMs: 0 };
  if (code !== 'ERR_TEARDOWN') return { isDead: false };
  const { endedBy, errors } = error as TeardownError;
  // A commit fails while the context closes, after the handler has succeeded.
  return verdictOf(endedBy === undefined && errors.length === 1 ? errors[0] : endedBy);
}

/** The codes after which the same work can succeed: the stop of an application, and a conflict of transactions. */
const uncounted = new Set<string | undefined>(['ERR_DELIVERY_RETURNED', 'ERR_SQL_RETRY']);

/** Returns the headers by which a dead letter shows why it failed. */
export function deadLetterHeaders(error: unknown): Record<string, string> {
  const text = AsphaltError.is(error) ? error.summary : String(error).split('\n', 1)[0]!;
  return {
    'asphalt-error': text.replaceAll(/[^ -~]/g, '?').slice(0, 1000),
    ...(AsphaltError.is(error) && { 'asphalt-error-code': error.code }),
  };
}
