/**
 * What factories make for one context: the values, and the calls that are under way. It calls the factories, whatever
 * shape they have, and knows nothing of where they were published.
 */
import type { Context } from './context.ts';
import { FactoryCycleError, ResourceValueError } from './errors.ts';
import type { Key, ServiceIdentifier } from './key.ts';
import { Pending } from './pending.ts';
import { ResourceTable } from './resource-table.ts';
import { isThenable, isYielding, type Yielding } from './teardown.ts';

/** A factory as contexts keep it. */
export interface Factory {
  readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>;
  readonly name: string;
  /** How messages call it. */
  readonly label: string;
  readonly make: (context: Context) => unknown;
}

export class MadeResources {
  readonly #context: Context;
  readonly #values = new ResourceTable<unknown>();
  /** The factories that are being called right now, outermost first. */
  readonly #calling: Factory[] = [];
  #pending = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** A value, a {@link Pending} one, or undefined. */
  get(id: ServiceIdentifier<unknown>, name: string): unknown {
    return this.#values.get(id, name);
  }

  named(id: ServiceIdentifier<unknown>): Iterable<[name: string, value: unknown]> {
    return this.#values.named(id);
  }

  /** Whether something is being made. */
  get isBusy(): boolean {
    return this.#pending > 0;
  }

  /** Waits until what is being made now is there or has failed. */
  async settled(): Promise<void> {
    const values = Array.from(this.#values.all(), ([, , value]) => value);
    await Promise.allSettled(values.flatMap((value) => (value instanceof Pending ? [value.promise] : [])));
  }

  /** Calls a factory; gives the value, or a {@link Pending} one where it has to be waited for. */
  make(factory: Factory): unknown {
    const calling = this.#calling;
    if (calling.includes(factory)) throw new FactoryCycleError([...calling, factory].map(keyOf), this.#context.name);
    calling.push(factory);
    let result: unknown;
    try {
      result = factory.make(this.#context);
    } finally {
      calling.pop();
    }
    if (isThenable(result)) return this.#await(factory, result);
    if (!isYielding(result)) return this.#keep(factory, result);
    const first = result.next();
    return isThenable(first)
      ? this.#await(factory, first, result)
      : this.#keep(factory, this.#take(factory, result, first));
  }

  /** Lets everybody who asks meanwhile share one call; a failure is forgotten. */
  #await(factory: Factory, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Pending {
    this.#pending++;
    const pending = new Pending(this.#finish(factory, result, generator));
    // Those who asked hear of a failure; that they may be gone by then is no failure of its own.
    pending.promise.catch(ignore);
    this.#put(factory, pending);
    return pending;
  }

  /** The rest of a call that gave a promise: of the value, of a generator, or of what the given generator yields. */
  async #finish(factory: Factory, result: PromiseLike<unknown>, generator?: Yielding<unknown>): Promise<unknown> {
    try {
      let made = await result;
      if (!generator && isYielding(made)) {
        generator = made;
        made = await generator.next();
      }
      return this.#keep(factory, generator ? this.#take(factory, generator, made as IteratorResult<unknown>) : made);
    } catch (error) {
      for (const id of factory.ids) this.#values.delete(id, factory.name);
      throw error;
    } finally {
      this.#pending--;
    }
  }

  /** Takes the value out of a generator and leaves the rest of it for the teardown. */
  #take(factory: Factory, generator: Yielding<unknown>, { done, value }: IteratorResult<unknown>): unknown {
    if (done === true) return undefined;
    this.#context.finishOnTeardown(generator, factory.label);
    return value;
  }

  /** Keeps a value for the rest of the context's life. */
  #keep(factory: Factory, value: unknown): unknown {
    const { ids, name, label } = factory;
    if (value === null || value === undefined) {
      throw new ResourceValueError(ids[0]!, value, `The factory of \`${label}\``);
    }
    this.#put(factory, value);
    this.#context.adoptSignals(value, keyOf(factory));
    this.#context.announce({ ids, name, isFactory: false });
    return value;
  }

  /** Puts what a factory makes under all of its keys. */
  #put({ ids, name }: Factory, value: unknown): void {
    for (const id of ids) this.#values.set(id, name, value);
  }
}

function ignore(): void {}

/** The key under which messages name a factory. */
function keyOf({ ids, name }: Factory): Key {
  return { id: ids[0]!, name };
}
