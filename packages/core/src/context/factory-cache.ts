/**
 * The values that factories created for one context, and the calls in progress. This file calls factories of every
 * shape: plain, async and generator functions. It does not look up keys; `ResourceScope` finds the factory first.
 */
import { callAs, type CallingComponent, type Ending, type SubscriptionOwner } from '../signal/scope.ts';
import { Signal } from '../signal/signal.ts';
import type { ContextState } from './context-options.ts';
import { actingIn } from './current.ts';
import type { TeardownFailure } from './errors.ts';
import { keyText, type Key, type ServiceIdentifier } from './key.ts';
import { Pending } from './pending.ts';
import { FactoryCycleError, ResourceNotFoundError, ResourceValueError } from './resource-errors.ts';
import { checkResourceType } from './resource-type.ts';
import { inTime, isThenable, isYielding, Teardown, type Yielding } from './teardown.ts';

/** The context that requests values from factories, and owns them. */
export interface FactoryOwner extends SubscriptionOwner {
  readonly name: string;
  readonly state: ContextState;
  /** Whether values are checked against their identifiers. */
  readonly checksTypes: boolean;
  /** Adds the teardown of a value. */
  pushTeardown(teardown: Teardown): void;
  finishOnTeardown(generator: Yielding<unknown>, label: string): void;
  /** Adopts the signals of a value that were created after the mark. */
  adoptSignals(value: unknown, of: { readonly key: Key }, mark: number): void;
  /** Called when a resource becomes available for lookup. */
  announce(ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string, isFactory: boolean): void;
  /** Runs the teardowns that were added after the context closed, then throws. */
  undoLate(): Promise<never>;
}

/** A published factory. */
export class ResourceFactory<C> {
  /** The name of the factory in messages. */
  readonly label: string;
  /** The stopped component that provided it, for messages; undefined while it is published. */
  withdrawnFrom: string | undefined = undefined;
  /** Whether it replaces a withdrawn factory. */
  isSuccessor = false;

  constructor(
    readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>,
    readonly name: string,
    readonly make: (context: C) => unknown,
    readonly dispose: ((value: unknown, error?: unknown) => unknown) | undefined,
    /** The providing component, which completes the factory's subscriptions when it stops. */
    readonly component: SubscriptionOwner | undefined,
  ) {
    this.label = keyText(this.key);
  }

  /** @throws {@link ResourceNotFoundError} when its component was stopped while the factory was running */
  throwIfWithdrawn(context: string): void {
    if (this.withdrawnFrom === undefined) return;
    throw new ResourceNotFoundError(this.key, context, { otherNames: [], stopped: this.withdrawnFrom });
  }

  /** The key that identifies it in messages. */
  get key(): Key {
    return { id: this.ids[0]!, name: this.name };
  }
}

/**
 * The state of one factory in one context: first the call in progress, then the value. It is also the teardown of the
 * value if the factory has a `dispose` (decision 0034), and the owner of the factory's subscriptions (decision 0057).
 */
class CacheEntry<C extends FactoryOwner> extends Teardown implements SubscriptionOwner {
  /** Undefined while the factory's synchronous part runs; {@link Pending} while its promise is unsettled. */
  value: unknown = undefined;
  /** Separates signals that existed before the call from newer ones. */
  readonly mark = Signal.mark;

  constructor(
    readonly factory: ResourceFactory<C>,
    readonly context: C,
    /** The entry that the context created before this one. */
    public earlier: CacheEntry<C> | undefined,
  ) {
    super();
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
    this.context.own(subscription);
    this.factory.component?.own(subscription);
  }
}

/** How many entries of the list a lookup visits before it builds an index (decision 0045). */
const longWalk = 16;

export class FactoryCache<C extends FactoryOwner> {
  readonly #context: C;
  /** The newest entry of a linked list (decision 0034). */
  #latest: CacheEntry<C> | undefined;
  /** The same entries by factory; created when the list has become long. */
  #index: Map<ResourceFactory<C>, CacheEntry<C>> | undefined;
  #pending = 0;
  /** Pending entries that exceeded the limit of `close()`. */
  #abandoned: Set<CacheEntry<C>> | undefined;

  constructor(context: C) {
    this.#context = context;
  }

  /** Returns the value that a factory has created, or undefined. */
  made(factory: ResourceFactory<C>): unknown {
    const value = this.#find(factory)?.value;
    return value instanceof Pending ? undefined : value;
  }

  /** Returns whether a factory has created its value or is creating it asynchronously, so that its keys are taken. */
  has(factory: ResourceFactory<C>): boolean {
    return this.#find(factory)?.value !== undefined;
  }

  /** Returns the value of a factory for this context, or a {@link Pending} while its promise is unsettled. */
  get(factory: ResourceFactory<C>): unknown {
    const made = this.#find(factory);
    if (made === undefined) return this.#make(factory);
    if (made.value === undefined) throw this.#cycle(factory);
    return made.value;
  }

  /** Whether a factory is pending that was not abandoned. */
  get isBusy(): boolean {
    return this.#pending > (this.#abandoned?.size ?? 0);
  }

  /**
   * Waits for the factories that are pending now, and abandons those that exceed the limit.
   *
   * @returns a failure for each abandoned factory
   */
  async settled(limitMs: number | undefined): Promise<readonly TeardownFailure[]> {
    const failures: TeardownFailure[] = [];
    const calls: Array<Promise<unknown>> = [];
    for (let made = this.#latest; made !== undefined; made = made.earlier) {
      if (!(made.value instanceof Pending) || this.#abandoned?.has(made) === true) continue;
      const label = `the factory of ${made.factory.label}`;
      const abandon = (error: unknown): void => {
        failures.push({ label, error });
        (this.#abandoned ??= new Set()).add(made);
      };
      // The callers of `get` handle a factory's error. Only the timeout is reported here.
      const settled = made.value.promise.then(ignore, ignore);
      calls.push(limitMs === undefined ? settled : inTime(settled, limitMs, label).catch(abandon));
    }
    await Promise.all(calls);
    return failures;
  }

  #find(factory: ResourceFactory<C>): CacheEntry<C> | undefined {
    if (this.#index !== undefined) return this.#index.get(factory);
    let made = this.#latest;
    let steps = 0;
    for (; made !== undefined && made.factory !== factory; made = made.earlier) steps++;
    if (steps > longWalk) this.#makeIndex();
    return made;
  }

  #makeIndex(): void {
    this.#index = new Map();
    for (let made = this.#latest; made !== undefined; made = made.earlier) this.#index.set(made.factory, made);
  }

  #make(factory: ResourceFactory<C>): unknown {
    if (factory.isSuccessor) this.#forgetWithdrawn();
    const entry = new CacheEntry(factory, this.#context, this.#latest);
    this.#latest = entry;
    this.#index?.set(factory, entry);
    try {
      const made = callAs(entry, callFactory, entry);
      const generator = isYielding(made) ? made : undefined;
      const result = generator ? start(entry, generator) : made;
      if (isThenable(result)) return this.#await(entry, result, generator);
      return generator
        ? this.#keepYielded(entry, generator, result as IteratorResult<unknown>)
        : this.#keep(entry, result);
    } catch (error) {
      this.#forget(entry);
      throw error;
    }
  }

  /** Shares one call among all lookups until it settles; a failure is not cached. */
  #await(made: CacheEntry<C>, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Pending {
    this.#pending++;
    const pending = new Pending(this.#finish(made, result, generator));
    made.value = pending;
    return pending;
  }

  /** Finishes a call that returned a promise: of the value, of a generator, or of the first result of `generator`. */
  async #finish(made: CacheEntry<C>, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Promise<unknown> {
    let pending: unknown;
    try {
      let value = await result;
      pending = made.value;
      if (!generator && isYielding(value)) {
        generator = value;
        value = await start(made, generator);
      }
      const kept = generator
        ? this.#keepYielded(made, generator, value as IteratorResult<unknown>)
        : this.#keep(made, value);
      made.factory.throwIfWithdrawn(this.#context.name);
      return kept;
    } catch (error) {
      // The callers of `get` receive the error. If no caller awaits it, it must not be an unhandled rejection.
      ((pending ?? made.value) as Pending).promise.catch(ignore);
      this.#forget(made);
      throw error;
    } finally {
      this.#pending--;
      this.#abandoned?.delete(made);
      if (this.#context.state === 'closed') await this.#context.undoLate();
    }
  }

  /** Stores the value that a generator yielded; the teardown runs the rest of the generator. */
  #keepYielded(made: CacheEntry<C>, rest: Yielding<unknown>, { done, value }: IteratorResult<unknown>): unknown {
    return done === true ? this.#keep(made, undefined) : this.#keep(made, value, rest);
  }

  /** Stores a value until the context closes. */
  #keep(made: CacheEntry<C>, value: unknown, rest?: Yielding<unknown>): unknown {
    const { factory } = made;
    const isAbsent = value === null || value === undefined;
    // Set before the checks, because `dispose` also receives a value that they reject.
    if (!isAbsent) made.value = value;
    if (factory.dispose && !isAbsent) this.#context.pushTeardown(made);
    if (rest) this.#context.finishOnTeardown(rest, factory.label);
    if (isAbsent) throw new ResourceValueError(factory.ids[0]!, value, `The factory of \`${factory.label}\``);
    if (this.#context.checksTypes) checkResourceType(factory.ids, value, `The factory of \`${factory.label}\``);
    this.#context.adoptSignals(value, factory, made.mark);
    this.#context.announce(factory.ids, factory.name, false);
    return value;
  }

  /** Removes the values of withdrawn factories, which would accumulate in a long-lived context with each restart. */
  #forgetWithdrawn(): void {
    for (let made = this.#latest; made !== undefined; made = made.earlier) {
      if (made.factory.withdrawnFrom !== undefined && !(made.value instanceof Pending)) this.#forget(made);
    }
  }

  /** Removes an entry from the list and the index. */
  #forget(removed: CacheEntry<C>): void {
    this.#index?.delete(removed.factory);
    if (this.#latest === removed) {
      this.#latest = removed.earlier;
      return;
    }
    let later = this.#latest!;
    while (later.earlier !== removed) later = later.earlier!;
    later.earlier = removed.earlier;
  }

  /** Creates the error for a cycle. Its path lists the factories whose synchronous part is running. */
  #cycle(factory: ResourceFactory<C>): FactoryCycleError {
    const path: Key[] = [];
    for (let made = this.#latest; made !== undefined; made = made.earlier) {
      if (made.value === undefined) path.unshift(made.factory.key);
    }
    return new FactoryCycleError([...path, factory.key], this.#context.name);
  }
}

/** Calls the factory of an entry for its context. */
function callFactory<C extends FactoryOwner>({ factory, context }: CacheEntry<C>): unknown {
  return actingIn(context, factory.make, context);
}

/** Runs a generator up to its first `yield`. */
function start<C extends FactoryOwner>(
  entry: CacheEntry<C>,
  generator: Yielding<unknown>,
): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
  return callAs(entry, () => actingIn(entry.context, () => generator.next(), undefined), undefined);
}

function ignore(): void {}
