/**
 * The values that factories created for one context, and the calls in progress. This file calls factories of every
 * shape: plain, async and generator functions. It does not look up keys; `Resources` finds the factory first.
 */
import { callAs, callingOwner } from '../signal/scope.ts';
import { CacheEntry } from './cache-entry.ts';
import { actingIn, keepsCurrent } from './current.ts';
import type { TeardownFailure } from './errors.ts';
import type { Key } from './key.ts';
import { FactoryCycleError, ResourceValueError } from './resource-errors.ts';
import type { ResourceFactory } from './resource-entry.ts';
import type { Lifetime } from './lifetime.ts';
import { inTime, isThenable, isYielding, type Yielding } from './teardown.ts';
import { startTimer } from './timer.ts';

/** A placeholder for a value whose factory is still running. @internal */
export class Pending {
  /** Whether a lookup waits for it. */
  isAwaited = false;

  constructor(readonly promise: Promise<unknown>) {}
}

/** The call of a factory, which lookups refer to. */
export type FactoryCall = object;

/** The resources of the context, which receive the values. */
export interface ValueReceiver<C> {
  /** Returns the context as the code of a factory sees it after its first `await`. */
  viewFor(call: FactoryCall): C;
  /**
   * Called with each value, before it can be looked up. Throws if the value does not fit.
   *
   * @param mark - separates the signals that existed before the call of the factory from newer ones
   */
  receive(factory: ResourceFactory<C>, value: unknown, mark: number): void;
}

/** The time after which a factory that several lookups wait for causes a warning. */
const warningMs = 2000;

/** The number of entries up to which a search through the list is as fast as a map. */
const few = 16;

export class FactoryCache<C extends object> {
  readonly context: C;
  readonly lifetime: Lifetime;
  readonly #receiver: ValueReceiver<C>;
  /** In the order of the calls. */
  #entries: Array<CacheEntry<C>> = [];
  /** The same entries by factory, once there are many; without a map from the start, `request-context` is 5 % faster. */
  #index: Map<ResourceFactory<C>, CacheEntry<C>> | undefined;

  /** The number of entries that `close()` waits for. */
  #running = 0;

  constructor(context: C, lifetime: Lifetime, receiver: ValueReceiver<C>) {
    this.context = context;
    this.lifetime = lifetime;
    this.#receiver = receiver;
  }

  viewFor(call: FactoryCall): C {
    return this.#receiver.viewFor(call);
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
    const entry = this.#find(factory);
    if (entry === undefined) return this.#make(factory);
    if (entry.value === undefined) throw this.#cycle(factory);
    return entry.value;
  }

  /**
   * Records that a factory waits for the value of another one.
   *
   * @param call - the call that looked up the value; by default the one whose code runs synchronously now
   * @throws {@link FactoryCycleError} when the other factory waits for the first one
   */
  wait(factory: ResourceFactory<C>, call: FactoryCall | undefined = callingOwner()): void {
    const entry = this.#find(factory)!;
    if (call instanceof CacheEntry) (call as CacheEntry<C>).waitFor(entry);
    const pending = entry.value as Pending;
    // Every cycle contains a lookup of a factory that another lookup has called before. It need not name its call.
    if (pending.isAwaited) entry.warning ??= startTimer(warningMs, () => this.#warn(entry))?.unref();
    pending.isAwaited = true;
  }

  /** The factories that are pending now. */
  get running(): ReadonlyArray<ResourceFactory<C>> {
    return this.#entries.filter(({ isRunning }) => isRunning).map(({ factory }) => factory);
  }

  /** Whether a factory is pending that was not abandoned. */
  get isBusy(): boolean {
    return this.#running > 0;
  }

  /**
   * Waits for the factories that are pending now, and abandons those that exceed the limit.
   *
   * @returns a failure for each abandoned factory
   */
  async settled(limitMs: number | undefined): Promise<readonly TeardownFailure[]> {
    const failures: TeardownFailure[] = [];
    const calls: Array<Promise<unknown>> = [];
    for (const entry of this.#entries) {
      if (!entry.isRunning) continue;
      const label = `the factory of ${entry.factory.label}`;
      const abandon = (error: unknown): void => {
        failures.push({ label, error });
        this.#ended(entry);
      };
      // The callers of `get` handle a factory's error. Only the timeout is reported here.
      const settled = (entry.value as Pending).promise.then(ignore, ignore);
      calls.push(limitMs === undefined ? settled : inTime(settled, limitMs, label).catch(abandon));
    }
    await Promise.all(calls);
    return failures;
  }

  #find(factory: ResourceFactory<C>): CacheEntry<C> | undefined {
    if (this.#index !== undefined) return this.#index.get(factory);
    return this.#entries.find((entry) => entry.factory === factory);
  }

  #add(entry: CacheEntry<C>): void {
    this.#entries.push(entry);
    if (this.#index !== undefined) this.#index.set(entry.factory, entry);
    else if (this.#entries.length > few) this.#index = new Map(this.#entries.map((each) => [each.factory, each]));
  }

  #forget(entry: CacheEntry<C>): void {
    this.#index?.delete(entry.factory);
    this.#entries.splice(this.#entries.indexOf(entry), 1);
  }

  #make(factory: ResourceFactory<C>): unknown {
    if (factory.isSuccessor) this.#forgetWithdrawn();
    const entry = new CacheEntry(factory, this);
    this.#add(entry);
    try {
      // `callFactory` would be a second call through a function that is not inlined (4 % of `request-context`).
      const made = keepsCurrent() ? callAs(entry, callFactory, entry) : callAs(entry, factory.make, entry.context);
      const generator = isYielding(made) ? made : undefined;
      const result = generator ? start(entry, generator) : made;
      if (isThenable(result)) return this.#await(entry, result, generator);
      if (factory.returns === 'unknown') factory.returns = 'values';
      return generator
        ? this.#keepYielded(entry, generator, result as IteratorResult<unknown>)
        : this.#keep(entry, result);
    } catch (error) {
      this.#forget(entry);
      throw error;
    }
  }

  /** Shares one call among all lookups until it settles; a failure is not cached. */
  #await(entry: CacheEntry<C>, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Pending {
    entry.factory.returns = 'promises';
    const pending = new Pending(this.#finish(entry, result, generator));
    entry.value = pending;
    entry.isRunning = true;
    this.#running++;
    return pending;
  }

  #ended(entry: CacheEntry<C>): void {
    if (entry.isRunning) this.#running--;
    entry.isRunning = false;
    if (entry.waitsFor) entry.waitsFor = undefined;
    if (entry.warning) clearTimeout(entry.warning);
  }

  #warn({ factory }: CacheEntry<C>): void {
    const running = this.running.map((each) => each.description).join(', ');
    this.lifetime.warn(
      `Still waiting after ${warningMs / 1000} s for the factory of \`${factory.label}\` in context ` +
        `"${this.lifetime.name}" (running factories: ${running}). Factories that wait for each other never finish; ` +
        `such a cycle is an error if they look up resources in the context that they receive`,
    );
  }

  /** Finishes a call that returned a promise: of the value, of a generator, or of the first result of `generator`. */
  async #finish(entry: CacheEntry<C>, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Promise<unknown> {
    let pending: unknown;
    try {
      let value = await result;
      pending = entry.value;
      if (!generator && isYielding(value)) {
        generator = value;
        value = await start(entry, generator);
      }
      const kept = generator
        ? this.#keepYielded(entry, generator, value as IteratorResult<unknown>)
        : this.#keep(entry, value);
      entry.factory.throwIfWithdrawn(this.lifetime.name);
      return kept;
    } catch (error) {
      // The callers of `get` receive the error. If no caller awaits it, it must not be an unhandled rejection.
      ((pending ?? entry.value) as Pending).promise.catch(ignore);
      this.#forget(entry);
      throw error;
    } finally {
      this.#ended(entry);
      if (this.lifetime.state === 'closed') await this.lifetime.undoLate();
    }
  }

  /** Stores the value that a generator yielded; the teardown runs the rest of the generator. */
  #keepYielded(entry: CacheEntry<C>, rest: Yielding<unknown>, { done, value }: IteratorResult<unknown>): unknown {
    if (done !== true) return this.#keep(entry, value, rest);
    const { ids, label } = entry.factory;
    throw new ResourceValueError(ids[0]!, undefined, `The factory of \`${label}\``, 'ended');
  }

  /** Stores a value until the context closes. */
  #keep(entry: CacheEntry<C>, value: unknown, rest?: Yielding<unknown>): unknown {
    const { factory } = entry;
    const isAbsent = value === null || value === undefined;
    // Set before the checks, because `dispose` also receives a value that they reject.
    if (!isAbsent) entry.value = value;
    if (factory.dispose && !isAbsent) this.lifetime.teardowns.push(entry);
    if (rest) this.lifetime.teardowns.addRest(factory.label, rest);
    // Only a yielded value can be a promise: others were awaited.
    if (isAbsent || (rest && isThenable(value)))
      throw new ResourceValueError(factory.ids[0]!, value, `The factory of \`${factory.label}\``);
    this.#receiver.receive(factory, value, entry.mark);
    return value;
  }

  /** Removes the values of withdrawn factories, which would accumulate in a long-lived context with each restart. */
  #forgetWithdrawn(): void {
    const withdrawn = this.#entries.filter(
      ({ factory, value }) => factory.withdrawnFrom !== undefined && !(value instanceof Pending),
    );
    for (const entry of withdrawn) this.#forget(entry);
  }

  /** Creates the error for a cycle. Its path lists the factories whose synchronous part is running. */
  #cycle(factory: ResourceFactory<C>): FactoryCycleError {
    const path: Key[] = [];
    for (const { value, factory: running } of this.#entries) if (value === undefined) path.push(running.key);
    return new FactoryCycleError([...path, factory.key], this.lifetime.name);
  }
}

/** Calls the factory of an entry, with its context as the current one. */
function callFactory<C extends object>(entry: CacheEntry<C>): unknown {
  const { context } = entry;
  return actingIn(context, entry.factory.make, context);
}

/** Runs a generator up to its first `yield`. */
function start<C extends object>(
  entry: CacheEntry<C>,
  generator: Yielding<unknown>,
): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
  return callAs(entry, () => actingIn(entry.context, () => generator.next(), undefined), undefined);
}

function ignore(): void {}
