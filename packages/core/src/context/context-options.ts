/** Option and event types of `Context`. */
import type { ServiceIdentifier } from './key.ts';

export type ContextState = 'open' | 'closing' | 'closed';

/** A factory's result: the value, a promise of it, or a generator that yields the value and then tears it down. */
export type Made<T> = T | Promise<T> | Generator<T, unknown, unknown> | AsyncGenerator<T, unknown, unknown>;

export interface ResourceOptions<T> {
  /** @default 'default' */
  readonly name?: string;
  /** Called when the context closes, with the error that ended it, if any. */
  readonly dispose?: ((value: T, error?: unknown) => unknown) | undefined;
}

export interface FactoryOptions<T> {
  /** @default 'default' */
  readonly name?: string;
  /** Called for each value when the context that requested it closes, with the error that ended it, if any. */
  readonly dispose?: ((value: T, error?: unknown) => unknown) | undefined;
}

/** The event of `resourceAdded`: a value, a factory, or a value that a factory created. */
export interface ResourceAdded {
  readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>;
  readonly name: string;
  readonly isFactory: boolean;
}

export interface CloseOptions {
  /**
   * Time limit in milliseconds for each teardown and factory. `close()` stops waiting for one that exceeds it and names
   * it in the error. More than 24.8 days, such as `Infinity`, mean no limit.
   */
  readonly limitMs?: number | undefined;
}
