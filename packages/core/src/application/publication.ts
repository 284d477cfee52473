/** Turns the results of providers and hooks into effects: published resources and teardowns. Undoes both. */
import type { Context } from '../context/context.ts';
import { TeardownError, type TeardownFailure } from '../context/errors.ts';
import type { Key, ServiceIdentifier } from '../context/key.ts';
import { ResourceValueError } from '../context/resource-errors.ts';
import { isThenable, isYielding, RestOfGenerator } from '../context/teardown.ts';
import { componentText } from '../graph/component-node.ts';
import type { Provider } from '../graph/plan.ts';
import { inPresentName } from '../signal/scope.ts';
import type { Hook } from '../component/declaration-types.ts';
import type { ComponentContext } from './component-context.ts';

/** The operations that a publication needs from its component. */
export interface Publisher {
  /** Throws if the step was undone before its value could be published. */
  throwIfUndone(step: number): void;
  /** Assigns the signals of a value to their owner; returns a function that completes them. */
  adopt(value: unknown, key: Key): (() => void) | undefined;
}

type Dispose = ((value: unknown, error?: unknown) => unknown) | undefined;

/** The steps of `undo()` in order. In messages, the name of the provider follows. */
const disposalSteps = ['removal of', 'signals of', 'rest of', 'dispose of'] as const;

/** One resource, from the provider's result to the end of its disposal. */
export class Publication {
  readonly #provider: Provider;
  readonly #context: Context;
  readonly #publisher: Publisher;
  #value: unknown;
  #rest: RestOfGenerator | undefined;
  #complete: (() => void) | undefined;

  /** @param context - context of the application, in which the resource is published */
  constructor(provider: Provider, context: Context, publisher: Publisher) {
    this.#provider = provider;
    this.#context = context;
    this.#publisher = publisher;
  }

  /** Publishes the provider's result; returns a promise only if the result has to be awaited. */
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
    // Set before publishing, so that the value is disposed of even if publishing fails.
    this.#value = value;
    this.#publisher.throwIfUndone(step);
    this.#context.publish(ids as [ServiceIdentifier<unknown>], value, name, `\`${this.#label}\``, this);
    this.#complete = this.#publisher.adopt(value, { id, name });
  }

  /** Removes the resource from the context. Comes first, so that no lookup returns a resource during its disposal. */
  withdraw(): void {
    const { ids, name, node } = this.#provider;
    this.#context.withdraw(ids, name, this, componentText(node));
  }

  /**
   * Undoes everything done so far and continues after failures; returns a promise only if a step has to be awaited. A
   * second call undoes only later additions.
   */
  undo(endedBy: unknown): unknown {
    return this.#undoFrom(0, endedBy, []);
  }

  #undoFrom(first: number, endedBy: unknown, failures: TeardownFailure[]): unknown {
    for (let step = first; step < disposalSteps.length; step++) {
      try {
        const result = this.#runDisposalStep(step, endedBy);
        if (isThenable(result)) return this.#undoAfter(result, step, endedBy, failures);
      } catch (error) {
        failures.push(this.#failureOf(step, error));
      }
    }
    if (failures.length === 1) throw failures[0]!.error;
    if (failures.length > 1) throw new TeardownError(this.#provider.node.path, failures, endedBy);
    return undefined;
  }

  async #undoAfter(
    result: PromiseLike<unknown>,
    step: number,
    endedBy: unknown,
    failures: TeardownFailure[],
  ): Promise<void> {
    try {
      await result;
    } catch (error) {
      failures.push(this.#failureOf(step, error));
    }
    await this.#undoFrom(step + 1, endedBy, failures);
  }

  #failureOf(step: number, error: unknown): TeardownFailure {
    return { label: `${disposalSteps[step]} ${this.#label}`, error };
  }

  #runDisposalStep(step: number, endedBy: unknown): unknown {
    const { declaration } = this.#provider;
    const dispose = declaration.dispose as Dispose;
    switch (disposalSteps[step]) {
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

/** One hook call, from its generator to the undo of its teardowns. */
export class HookRun {
  readonly #context: ComponentContext;
  readonly #hook: Hook;
  /** Teardowns added to the component's context after this mark belong to the hook. */
  readonly #mark: number;

  /**
   * Records the teardown mark; create it before the hook is called.
   *
   * @param context - context of the component
   */
  constructor(context: ComponentContext, hook: Hook) {
    this.#context = context;
    this.#hook = hook;
    this.#mark = context.teardownMark;
  }

  /** Processes the hook's result, a generator up to its `yield`; returns a promise only if one has to be awaited. */
  take(result: unknown): unknown {
    return isThenable(result)
      ? Promise.resolve(result).then(inPresentName((value) => this.#begin(value)))
      : this.#begin(result);
  }

  #begin(result: unknown): unknown {
    if (!isYielding(result)) return undefined;
    const keep = ({ done }: IteratorResult<unknown>): void => {
      if (done !== true) this.#context.finishOnTeardown(result, `${this.#hook}()`);
    };
    const first = result.next();
    return isThenable(first) ? first.then(keep) : keep(first);
  }

  async undo(endedBy: unknown): Promise<void> {
    const { state, name } = this.#context;
    const errors: unknown[] = [];
    // A closed context holds only teardowns that were added after it closed.
    await this.#context.unwindTo(state === 'closed' ? 0 : this.#mark, endedBy, errors);
    if (errors.length === 1) throw errors[0];
    const failures = errors.map((error) => ({ error }));
    if (failures.length > 1) throw new TeardownError(name, failures, endedBy);
  }
}
