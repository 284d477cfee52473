/**
 * What factories make for one context: the values, and the calls that are under way. It calls the factories, whatever
 * shape they have, and knows nothing of the keys that they were published under.
 */
import { changeOwner, type CallingComponent, type Ending, type SubscriptionOwner } from '../signal/owned.ts';
import { Signal } from '../signal/signal.ts';
import type { ContextState } from './context-options.ts';
import { actingIn } from './current.ts';
import { FactoryCycleError, ResourceNotFoundError, ResourceValueError, type TeardownFailure } from './errors.ts';
import { keyText, type Key, type ServiceIdentifier } from './key.ts';
import { Pending } from './pending.ts';
import { checkResourceType } from './resource-type.ts';
import { inTime, isThenable, isYielding, Teardown, type Yielding } from './teardown.ts';

/** Whoever asks for values, and owns them. */
export interface Asking extends SubscriptionOwner {
  readonly name: string;
  readonly state: ContextState;
  /** Whether values are compared with their identifiers. */
  readonly checksTypes: boolean;
  /** Takes over what undoes a value. */
  pushTeardown(teardown: Teardown): void;
  finishOnTeardown(generator: Yielding<unknown>, label: string): void;
  /** Makes the signals of a value its own, those that were made since the mark. */
  adoptSignals(value: unknown, of: { readonly key: Key }, mark: number): void;
  /** Hears of what can be looked up from now on. */
  announce(ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string, isFactory: boolean): void;
  /** Undoes what was taken over after it had closed, and then throws. */
  undoLate(): Promise<never>;
}

/** A factory as contexts keep it. */
export class Factory<C> {
  /** How messages call it. */
  readonly label: string;
  /** The component that provided it and was stopped. */
  withdrawnFrom: string | undefined = undefined;
  /** Whether it takes the place of a factory that was withdrawn. */
  isSuccessor = false;

  constructor(
    readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>,
    readonly name: string,
    readonly make: (context: C) => unknown,
    readonly dispose: ((value: unknown, error?: unknown) => unknown) | undefined,
    /** Ends, when it stops, what the factory subscribes to. */
    readonly component: SubscriptionOwner | undefined,
  ) {
    this.label = keyText(this.key);
  }

  /** @throws {@link ResourceNotFoundError} when its component was stopped while the factory was at work */
  throwIfWithdrawn(context: string): void {
    if (this.withdrawnFrom === undefined) return;
    throw new ResourceNotFoundError(this.key, context, { otherNames: [], stopped: this.withdrawnFrom });
  }

  /** The key under which messages name it. */
  get key(): Key {
    return { id: this.ids[0]!, name: this.name };
  }
}

/**
 * What a factory makes for a context: first the call that is under way, then the value. Where the factory has a
 * `dispose`, it is also what undoes the value, so that a request makes one object for each.
 */
class MadeResource<C extends Asking> extends Teardown implements SubscriptionOwner {
  /** Undefined while the factory is called; {@link Pending} while its value is waited for. */
  value: unknown = undefined;
  /** Tells the signals that were there before the call. */
  readonly mark = Signal.mark;

  constructor(
    readonly factory: Factory<C>,
    readonly context: C,
    /** What the context asked for before. */
    public earlier: MadeResource<C> | undefined,
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

  /** Ends a subscription that the factory's code makes, until it first waits, with the context and with the component. */
  own(subscription: Ending): void {
    this.context.own(subscription);
    this.factory.component?.own(subscription);
  }
}

/** How far the chain of what a context made is walked before it gets an index. */
const longWalk = 16;

export class MadeResources<C extends Asking> {
  readonly #context: C;
  /** A chain and no map, because a context makes a handful, and most of them live a millisecond. */
  #latest: MadeResource<C> | undefined;
  /** The same by factory, once the chain has become long. */
  #index: Map<Factory<C>, MadeResource<C>> | undefined;
  #pending = 0;
  /** Those of the pending that nobody waits for any more. */
  #givenUp: Set<MadeResource<C>> | undefined;

  constructor(context: C) {
    this.#context = context;
  }

  /** The value that a factory has made, or undefined. */
  made(factory: Factory<C>): unknown {
    const value = this.#find(factory)?.value;
    return value instanceof Pending ? undefined : value;
  }

  /** Whether a factory has made its value or is about to, so that its keys are taken. */
  has(factory: Factory<C>): boolean {
    return this.#find(factory)?.value !== undefined;
  }

  /** What a factory makes for this context: the value, or a {@link Pending} one where it has to be waited for. */
  get(factory: Factory<C>): unknown {
    const made = this.#find(factory);
    if (made === undefined) return this.#make(factory);
    if (made.value === undefined) throw this.#cycle(factory);
    return made.value;
  }

  /** Whether something is being made that is worth waiting for. */
  get isBusy(): boolean {
    return this.#pending > (this.#givenUp?.size ?? 0);
  }

  /**
   * Waits until what is being made now is there or has failed; gives up what takes longer than the limit.
   *
   * @returns what was given up
   */
  async settled(limitMs: number | undefined): Promise<readonly TeardownFailure[]> {
    const failures: TeardownFailure[] = [];
    const calls: Array<Promise<unknown>> = [];
    for (let made = this.#latest; made !== undefined; made = made.earlier) {
      if (!(made.value instanceof Pending) || this.#givenUp?.has(made) === true) continue;
      const label = `the factory of ${made.factory.label}`;
      const giveUp = (error: unknown): void => {
        failures.push({ label, error });
        (this.#givenUp ??= new Set()).add(made);
      };
      // That a call fails is the business of those who asked; what is caught here is that it takes too long.
      const settled = made.value.promise.then(ignore, ignore);
      calls.push(limitMs === undefined ? settled : inTime(settled, limitMs, label).catch(giveUp));
    }
    await Promise.all(calls);
    return failures;
  }

  #find(factory: Factory<C>): MadeResource<C> | undefined {
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

  #make(factory: Factory<C>): unknown {
    if (factory.isSuccessor) this.#forgetWithdrawn();
    const made = new MadeResource(factory, this.#context, this.#latest);
    this.#latest = made;
    this.#index?.set(factory, made);
    const former = changeOwner(made);
    try {
      let result = actingIn(this.#context, factory.make, this.#context);
      let generator: Yielding<unknown> | undefined;
      if (isYielding(result)) {
        generator = result;
        result = actingIn(this.#context, begin, generator);
      }
      changeOwner(former);
      if (isThenable(result)) return this.#await(made, result, generator);
      return generator
        ? this.#keepYielded(made, generator, result as IteratorResult<unknown>)
        : this.#keep(made, result);
    } catch (error) {
      changeOwner(former);
      this.#forget(made);
      throw error;
    }
  }

  /** Lets everybody who asks meanwhile share one call; a failure is forgotten. */
  #await(made: MadeResource<C>, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Pending {
    this.#pending++;
    const pending = new Pending(this.#finish(made, result, generator));
    made.value = pending;
    return pending;
  }

  /** The rest of a call that gave a promise: of the value, of a generator, or of what the given generator yields. */
  async #finish(made: MadeResource<C>, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Promise<unknown> {
    let pending: unknown;
    try {
      let value = await result;
      pending = made.value;
      if (!generator && isYielding(value)) {
        generator = value;
        value = await this.#begin(made, generator);
      }
      const kept = generator
        ? this.#keepYielded(made, generator, value as IteratorResult<unknown>)
        : this.#keep(made, value);
      made.factory.throwIfWithdrawn(this.#context.name);
      return kept;
    } catch (error) {
      // Those who asked hear of it; that they may be gone by then is no failure of its own.
      ((pending ?? made.value) as Pending).promise.catch(ignore);
      this.#forget(made);
      throw error;
    } finally {
      this.#pending--;
      this.#givenUp?.delete(made);
      if (this.#context.state === 'closed') await this.#context.undoLate();
    }
  }

  #begin(made: MadeResource<C>, generator: Yielding<unknown>): ReturnType<typeof begin> {
    const former = changeOwner(made);
    try {
      return actingIn(this.#context, begin, generator);
    } finally {
      changeOwner(former);
    }
  }

  /** Keeps what a generator yields, and leaves the rest of it for the teardown. */
  #keepYielded(made: MadeResource<C>, rest: Yielding<unknown>, { done, value }: IteratorResult<unknown>): unknown {
    return done === true ? this.#keep(made, undefined) : this.#keep(made, value, rest);
  }

  /** Keeps a value for the rest of the context's life. */
  #keep(made: MadeResource<C>, value: unknown, rest?: Yielding<unknown>): unknown {
    const { factory } = made;
    const isAbsent = value === null || value === undefined;
    // Its disposal receives the value also where it is refused.
    if (!isAbsent) made.value = value;
    if (factory.dispose && !isAbsent) this.#context.pushTeardown(made);
    if (rest) this.#context.finishOnTeardown(rest, factory.label);
    if (isAbsent) throw new ResourceValueError(factory.ids[0]!, value, `The factory of \`${factory.label}\``);
    if (this.#context.checksTypes) checkResourceType(factory.ids, value, `The factory of \`${factory.label}\``);
    this.#context.adoptSignals(value, factory, made.mark);
    this.#context.announce(factory.ids, factory.name, false);
    return value;
  }

  /** Lets go of what withdrawn factories created; a context that lives long would gather it, restart by restart. */
  #forgetWithdrawn(): void {
    for (let made = this.#latest; made !== undefined; made = made.earlier) {
      if (made.factory.withdrawnFrom !== undefined && !(made.value instanceof Pending)) this.#forget(made);
    }
  }

  /** Takes out a call that failed. */
  #forget(failed: MadeResource<C>): void {
    this.#index?.delete(failed.factory);
    if (this.#latest === failed) {
      this.#latest = failed.earlier;
      return;
    }
    let later = this.#latest!;
    while (later.earlier !== failed) later = later.earlier!;
    later.earlier = failed.earlier;
  }

  /** The ring of factories that a call would close: those whose calls are under way have no value yet. */
  #cycle(factory: Factory<C>): FactoryCycleError {
    const path: Key[] = [];
    for (let made = this.#latest; made !== undefined; made = made.earlier) {
      if (made.value === undefined) path.unshift(made.factory.key);
    }
    return new FactoryCycleError([...path, factory.key], this.#context.name);
  }
}

/** Runs a generator up to its `yield`. */
function begin(generator: Yielding<unknown>): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
  return generator.next();
}

function ignore(): void {}
