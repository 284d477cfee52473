/** How the providers of a component become resources of the application, and how that is undone. */
import type { Context } from '../context/context.ts';
import { ResourceValueError, TeardownError, type TeardownFailure } from '../context/errors.ts';
import type { Key, ServiceIdentifier } from '../context/key.ts';
import { isThenable, isYielding, RestOfGenerator } from '../context/teardown.ts';
import { componentText } from '../graph/component-node.ts';
import type { Provider } from '../graph/plan.ts';
import { inPresentName } from '../signal/owned.ts';

/** What a publication asks of the component that makes it. */
export interface Publisher {
  /** Throws where the value comes too late to be published. */
  checkInTime(step: number): void;
  /** Says whose the signals of a value are; gives what completes them. */
  adopt(value: unknown, key: Key): (() => void) | undefined;
}

type Dispose = ((value: unknown, error?: unknown) => unknown) | undefined;

/** What is undone, in this order; messages put the provider behind it. */
const parts = ['removal of', 'signals of', 'rest of', 'dispose of'] as const;

/** One resource from the value that a provider gives until everything about it is undone. */
export class Publication {
  readonly #provider: Provider;
  readonly #context: Context;
  readonly #publisher: Publisher;
  #value: unknown;
  #rest: RestOfGenerator | undefined;
  #complete: (() => void) | undefined;

  /** @param context - the application's, where the resource is looked up */
  constructor(provider: Provider, context: Context, publisher: Publisher) {
    this.#provider = provider;
    this.#context = context;
    this.#publisher = publisher;
  }

  /** Publishes what the provider gave; a promise only where there is something to wait for. */
  take(result: unknown): unknown {
    return isThenable(result)
      ? Promise.resolve(result).then(inPresentName((value) => this.#begin(value)))
      : this.#begin(result);
  }

  #begin(result: unknown): unknown {
    if (!isYielding(result)) return this.#keep(result);
    const keep = ({ done, value }: IteratorResult<unknown>): void => {
      if (done !== true) this.#rest = new RestOfGenerator(this.#label, result);
      this.#keep(done === true ? undefined : value);
    };
    const first = result.next();
    return isThenable(first) ? first.then(keep) : keep(first);
  }

  #keep(value: unknown): void {
    const { ids, name, step } = this.#provider;
    const [id] = ids as [ServiceIdentifier<unknown>];
    if (value === null || value === undefined) throw new ResourceValueError(id, value, `\`${this.#label}\``);
    // From here on it is disposed of: publishing may fail, and what was made must go all the same.
    this.#value = value;
    this.#publisher.checkInTime(step);
    this.#context.publish(ids as [ServiceIdentifier<unknown>], value, name, `\`${this.#label}\``, this);
    this.#complete = this.#publisher.adopt(value, { id, name });
  }

  /** Has the resource found no more. It comes first, so that nothing finds what is being disposed of. */
  withdraw(): void {
    const { ids, name, node } = this.#provider;
    this.#context.withdraw(ids, name, this, componentText(node));
  }

  /**
   * Undoes what has been done until now, whatever part of it fails; a promise only where there is something to wait
   * for. Safe to call again, for what has come since.
   */
  undo(endedBy: unknown): unknown {
    return this.#undoFrom(0, endedBy, []);
  }

  #undoFrom(first: number, endedBy: unknown, failures: TeardownFailure[]): unknown {
    for (let part = first; part < parts.length; part++) {
      try {
        const result = this.#undoPart(part, endedBy);
        if (isThenable(result)) return this.#undoAfter(result, part, endedBy, failures);
      } catch (error) {
        failures.push(this.#failureOf(part, error));
      }
    }
    if (failures.length === 1) throw failures[0]!.error;
    if (failures.length > 1) throw new TeardownError(this.#provider.node.path, failures, endedBy);
    return undefined;
  }

  async #undoAfter(
    result: PromiseLike<unknown>,
    part: number,
    endedBy: unknown,
    failures: TeardownFailure[],
  ): Promise<void> {
    try {
      await result;
    } catch (error) {
      failures.push(this.#failureOf(part, error));
    }
    await this.#undoFrom(part + 1, endedBy, failures);
  }

  #failureOf(part: number, error: unknown): TeardownFailure {
    return { label: `${parts[part]} ${this.#label}`, error };
  }

  #undoPart(part: number, endedBy: unknown): unknown {
    const { declaration } = this.#provider;
    const dispose = declaration.dispose as Dispose;
    switch (parts[part]) {
      case 'removal of':
        return this.withdraw();
      case 'signals of': {
        const complete = this.#complete;
        this.#complete = undefined;
        return complete?.();
      }
      case 'rest of': {
        const rest = this.#rest;
        this.#rest = undefined;
        return rest?.undo(endedBy);
      }
      default: {
        const value = this.#value;
        this.#value = undefined;
        return value === undefined ? undefined : dispose?.(value, endedBy);
      }
    }
  }

  get #label(): string {
    return `${String(this.#provider.declaration.member)}()`;
  }
}
