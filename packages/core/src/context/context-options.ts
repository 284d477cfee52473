/** What the methods of a context take and tell. */
import type { ServiceIdentifier } from './key.ts';

export type ContextState = 'open' | 'closing' | 'closed';

/** What a factory may give: the value, a promise of it, or a generator that yields it and then tears it down. */
export type Made<T> = T | Promise<T> | Generator<T, unknown, unknown> | AsyncGenerator<T, unknown, unknown>;

export interface ResourceOptions<T> {
  /** @default 'default' */
  readonly name?: string;
  /** Runs when the context closes; is told the error that ended it. */
  readonly dispose?: ((value: T, error?: unknown) => unknown) | undefined;
}

export interface FactoryOptions<T> {
  /** @default 'default' */
  readonly name?: string;
  /** Runs for each value when the context that asked for it closes; is told the error that ended it. */
  readonly dispose?: ((value: T, error?: unknown) => unknown) | undefined;
}

/** Told by `resourceAdded` for every value, also those that factories make. */
export interface ResourceAdded {
  readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>;
  readonly name: string;
  readonly isFactory: boolean;
}

export interface CloseOptions {
  /** Milliseconds that each teardown and factory may take; what takes longer is named in the error and not waited for. */
  readonly limitMs?: number | undefined;
}
