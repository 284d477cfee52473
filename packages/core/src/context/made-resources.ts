/**
 * What factories make for one context: the values, and the calls that are under way. It calls the factories, whatever
 * shape they have, and knows nothing of the keys that they were published under.
 */
import { actingIn } from './current.ts';
import { FactoryCycleError, ResourceValueError } from './errors.ts';
import { keyText, type Key, type ServiceIdentifier } from './key.ts';
import { Pending } from './pending.ts';
import { checkResourceType } from './resource-type.ts';
import { isThenable, isYielding, Teardown, type Yielding } from './teardown.ts';

/** Whoever asks for values, and owns them. */
export interface Asking {
  readonly name: string;
  /** Whether values are compared with their identifiers. */
  readonly checksTypes: boolean;
  /** Takes over what undoes a value. */
  pushTeardown(teardown: Teardown): void;
  finishOnTeardown(generator: Yielding<unknown>, label: string): void;
  /** Makes the signals of a value its own. */
  adoptSignals(value: unknown, of: { readonly key: Key }): void;
  /** Hears of what can be looked up from now on. */
  announce(ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string, isFactory: boolean): void;
}

/** A factory as contexts keep it. */
export class Factory<C> {
  /** How messages call it. */
  readonly label: string;

  constructor(
    readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>,
    readonly name: string,
    readonly make: (context: C) => unknown,
    readonly dispose: ((value: unknown, error?: unknown) => unknown) | undefined,
  ) {
    this.label = keyText(this.key);
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
class MadeResource<C> extends Teardown {
  /** Undefined while the factory is called; {@link Pending} while its value is waited for. */
  value: unknown = undefined;

  constructor(
    readonly factory: Factory<C>,
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
}

export class MadeResources<C extends Asking> {
  readonly #context: C;
  /** A chain and no map, because a context makes a handful, and most of them live a millisecond. */
  #latest: MadeResource<C> | undefined;
  #pending = 0;

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

  /** Whether something is being made. */
  get isBusy(): boolean {
    return this.#pending > 0;
  }

  /** Waits until what is being made now is there or has failed. */
  async settled(): Promise<void> {
    const promises: Array<Promise<unknown>> = [];
    for (let made = this.#latest; made !== undefined; made = made.earlier) {
      if (made.value instanceof Pending) promises.push(made.value.promise);
    }
    await Promise.allSettled(promises);
  }

  #find(factory: Factory<C>): MadeResource<C> | undefined {
    let made = this.#latest;
    while (made !== undefined && made.factory !== factory) made = made.earlier;
    return made;
  }

  #make(factory: Factory<C>): unknown {
    const made = new MadeResource(factory, this.#latest);
    this.#latest = made;
    try {
      const result = actingIn(this.#context, factory.make, this.#context);
      if (!isYielding(result)) return isThenable(result) ? this.#await(made, result) : this.#keep(made, result);
      const first = actingIn(this.#context, begin, result);
      return isThenable(first) ? this.#await(made, first, result) : this.#keepYielded(made, result, first);
    } catch (error) {
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
    try {
      let value = await result;
      if (!generator && isYielding(value)) {
        generator = value;
        value = await actingIn(this.#context, begin, generator);
      }
      return generator ? this.#keepYielded(made, generator, value as IteratorResult<unknown>) : this.#keep(made, value);
    } catch (error) {
      // Those who asked hear of it; that they may be gone by then is no failure of its own.
      (made.value as Pending).promise.catch(ignore);
      this.#forget(made);
      throw error;
    } finally {
      this.#pending--;
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
    if (factory.dispose && !isAbsent) this.#context.pushTeardown(made);
    if (rest) this.#context.finishOnTeardown(rest, factory.label);
    if (isAbsent) throw new ResourceValueError(factory.ids[0]!, value, `The factory of \`${factory.label}\``);
    if (this.#context.checksTypes) checkResourceType(factory.ids, value, `The factory of \`${factory.label}\``);
    made.value = value;
    this.#context.adoptSignals(value, factory);
    this.#context.announce(factory.ids, factory.name, false);
    return value;
  }

  /** Takes out a call that failed. */
  #forget(failed: MadeResource<C>): void {
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
