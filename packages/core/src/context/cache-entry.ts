/** The call of one factory for one context, and the value that it returns. This file does not call factories. */
import type { CallingComponent, Ending, SubscriptionOwner } from '../signal/scope.ts';
import { Signal } from '../signal/signal.ts';
import { keepsCurrent } from './current.ts';
import type { Lifetime } from './lifetime.ts';
import type { ResourceFactory } from './resource-entry.ts';
import { FactoryCycleError } from './resource-errors.ts';
import type { Teardown } from './teardown.ts';

/** The cache that an entry belongs to. */
interface EntryCache<C> {
  readonly context: C;
  readonly lifetime: Lifetime;
  viewFor(call: object): C;
}

/**
 * The state of one factory in one context: first the call in progress, then the value. It is also the teardown of the
 * value if the factory has a `dispose`, and the owner of the factory's subscriptions (decision 0057).
 */
export class CacheEntry<C extends object> implements Teardown, SubscriptionOwner {
  /** Undefined while the factory's synchronous part runs; {@link Pending} while its promise is unsettled. */
  value: unknown = undefined;
  /** Whether `close()` waits for the call: its promise is unsettled, and it has not exceeded the limit. */
  isRunning = false;
  /** The calls whose values the factory has requested while they were pending. */
  declare waitsFor: Array<CacheEntry<C>> | undefined;
  /** The timer of the warning about a call that does not end; set when several lookups wait for it. */
  declare warning: NodeJS.Timeout | undefined;
  order = 0;
  /** Separates signals that existed before the call from newer ones. */
  readonly mark = Signal.mark;
  /** Set for factories that may look up resources after an `await`. */
  declare private view: C | undefined;

  constructor(
    readonly factory: ResourceFactory<C>,
    readonly cache: EntryCache<C>,
  ) {}

  /**
   * The context that the factory receives, or that is the current one. If the factory may look up resources after an
   * `await`, which is unknown before its first call, the context knows the call.
   */
  get context(): C {
    const { returns, make } = this.factory;
    if (returns === 'values' || (make.length === 0 && !keepsCurrent())) return this.cache.context;
    return (this.view ??= this.cache.viewFor(this));
  }

  get label(): string {
    return `dispose of ${this.factory.label}`;
  }

  undo(error: unknown): unknown {
    return this.factory.dispose!(this.value, error);
  }

  get node(): CallingComponent | undefined {
    return this.factory.component?.node;
  }

  /** Completes a subscription created before the factory's first `await` when the context or the component ends. */
  own(subscription: Ending): void {
    this.cache.lifetime.own(subscription);
    this.factory.component?.own(subscription);
  }

  /**
   * Records that the factory waits for the value of another one.
   *
   * @throws {@link FactoryCycleError} when the other factory waits for this one
   */
  waitFor(other: CacheEntry<C>): void {
    // Other code, such as a subscriber, may look up resources in the factory's context later.
    if (this.value !== undefined && !this.isRunning) return;
    // Most factories wait for none, and then the search costs a set.
    const path = other === this || other.waitsFor ? pathBetween(other, this) : undefined;
    if (path) {
      const keys = [this as CacheEntry<C>, ...path].map(({ factory }) => factory.key);
      throw new FactoryCycleError(keys, this.cache.lifetime.name);
    }
    (this.waitsFor ??= []).push(other);
  }
}

/** Returns the calls from one to another one that it waits for, both included; undefined if it does not wait for it. */
function pathBetween<C extends object>(
  from: CacheEntry<C>,
  to: CacheEntry<C>,
  seen = new Set<CacheEntry<C>>(),
): Array<CacheEntry<C>> | undefined {
  if (from === to) return [to];
  if (seen.has(from)) return undefined;
  seen.add(from);
  for (const next of from.waitsFor ?? []) {
    const rest = pathBetween(next, to, seen);
    if (rest) return [from, ...rest];
  }
  return undefined;
}
