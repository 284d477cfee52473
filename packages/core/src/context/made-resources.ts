/**
 * What factories make for one context: the values, and the calls that are under way. It calls the factories, whatever
 * shape they have, and knows nothing of the keys that they were published under.
 */
import { actingIn } from './current.ts';
import { FactoryCycleError, ResourceValueError } from './errors.ts';
import { keyText, type Key, type ServiceIdentifier } from './key.ts';
import { Pending } from './pending.ts';
import { isThenable, isYielding, Teardown, type Yielding } from './teardown.ts';

/** Whoever asks for values, and owns them. */
export interface Asking {
  readonly name: string;
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

/** The end of a value whose factory has a `dispose`. */
class Disposal extends Teardown {
  readonly #factory: Factory<never>;
  readonly #value: unknown;

  constructor(factory: Factory<never>, value: unknown) {
    super();
    this.#factory = factory;
    this.#value = value;
  }

  get label(): string {
    return `dispose of ${this.#factory.label}`;
  }

  undo(error: unknown): unknown {
    return this.#factory.dispose!(this.#value, error);
  }
}

/** A call that is under way right now, and the one that it was made from. */
interface Call<C> {
  readonly factory: Factory<C>;
  readonly outer: Call<C> | undefined;
}

export class MadeResources<C extends Asking> {
  readonly #context: C;
  readonly #values = new Map<Factory<C>, unknown>();
  #calling: Call<C> | undefined;
  #pending = 0;

  constructor(context: C) {
    this.#context = context;
  }

  /** The value that a factory has made, or undefined. */
  made(factory: Factory<C>): unknown {
    const value = this.#values.get(factory);
    return value instanceof Pending ? undefined : value;
  }

  /** Whether a factory has made its value or is about to, so that its keys are taken. */
  has(factory: Factory<C>): boolean {
    return this.#values.has(factory);
  }

  /** What a factory makes for this context: the value, or a {@link Pending} one where it has to be waited for. */
  get(factory: Factory<C>): unknown {
    const value = this.#values.get(factory);
    return value === undefined ? this.#make(factory) : value;
  }

  /** Whether something is being made. */
  get isBusy(): boolean {
    return this.#pending > 0;
  }

  /** Waits until what is being made now is there or has failed. */
  async settled(): Promise<void> {
    const values = Array.from(this.#values.values());
    await Promise.allSettled(values.flatMap((value) => (value instanceof Pending ? [value.promise] : [])));
  }

  #make(factory: Factory<C>): unknown {
    const outer = this.#calling;
    for (let call = outer; call !== undefined; call = call.outer) {
      if (call.factory === factory) throw this.#cycle(factory);
    }
    let result: unknown;
    let first: unknown;
    this.#calling = { factory, outer };
    try {
      result = actingIn(this.#context, factory.make, this.#context);
      if (isYielding(result)) first = actingIn(this.#context, begin, result);
    } finally {
      this.#calling = outer;
    }
    if (first === undefined) return isThenable(result) ? this.#await(factory, result) : this.#keep(factory, result);
    return isThenable(first)
      ? this.#await(factory, first, result as Yielding<unknown>)
      : this.#keepYielded(factory, result as Yielding<unknown>, first as IteratorResult<unknown>);
  }

  /** Lets everybody who asks meanwhile share one call; a failure is forgotten. */
  #await(factory: Factory<C>, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Pending {
    this.#pending++;
    const pending = new Pending(this.#finish(factory, result, generator));
    this.#values.set(factory, pending);
    return pending;
  }

  /** The rest of a call that gave a promise: of the value, of a generator, or of what the given generator yields. */
  async #finish(factory: Factory<C>, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Promise<unknown> {
    try {
      let made = await result;
      if (!generator && isYielding(made)) {
        generator = made;
        made = await actingIn(this.#context, begin, generator);
      }
      return generator
        ? this.#keepYielded(factory, generator, made as IteratorResult<unknown>)
        : this.#keep(factory, made);
    } catch (error) {
      // Those who asked hear of it; that they may be gone by then is no failure of its own.
      (this.#values.get(factory) as Pending).promise.catch(ignore);
      this.#values.delete(factory);
      throw error;
    } finally {
      this.#pending--;
    }
  }

  /** Keeps what a generator yields, and leaves the rest of it for the teardown. */
  #keepYielded(factory: Factory<C>, rest: Yielding<unknown>, { done, value }: IteratorResult<unknown>): unknown {
    return done === true ? this.#keep(factory, undefined) : this.#keep(factory, value, rest);
  }

  /** Keeps a value for the rest of the context's life. */
  #keep(factory: Factory<C>, value: unknown, rest?: Yielding<unknown>): unknown {
    const { ids, name, label } = factory;
    const isAbsent = value === null || value === undefined;
    if (factory.dispose && !isAbsent) this.#context.pushTeardown(new Disposal(factory, value));
    if (rest) this.#context.finishOnTeardown(rest, label);
    if (isAbsent) throw new ResourceValueError(ids[0]!, value, `The factory of \`${label}\``);
    this.#values.set(factory, value);
    this.#context.adoptSignals(value, factory);
    this.#context.announce(ids, name, false);
    return value;
  }

  /** The ring of factories that a call would close. */
  #cycle(factory: Factory<C>): FactoryCycleError {
    const path: Key[] = [];
    for (let call = this.#calling; call !== undefined; call = call.outer) path.unshift(call.factory.key);
    return new FactoryCycleError([...path, factory.key], this.#context.name);
  }
}

/** Runs a generator up to its `yield`. */
function begin(generator: Yielding<unknown>): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
  return generator.next();
}

function ignore(): void {}
