/** Turns the results of providers and hooks into effects: published resources and teardowns. Undoes both. */
import type { Hook } from '../component/declaration-types.ts';
import type { Context } from '../context/context.ts';
import { TeardownError, type TeardownFailure } from '../context/errors.ts';
import { ResourceValueError } from '../context/resource-errors.ts';
import type { FactoryOptions } from '../context/context-options.ts';
import { keyText, type Key, type ServiceIdentifier } from '../context/key.ts';
import type { ResourceFactory } from '../context/resource-entry.ts';
import { isThenable, isYielding, RestOfGenerator, type Yielding } from '../context/teardown.ts';
import { componentText } from '../graph/component-node.ts';
import type { Provider } from '../graph/plan.ts';
import { inPresentName, type SubscriptionOwner } from '../signal/scope.ts';
import { Signal, signalsOf } from '../signal/signal.ts';
import type { ComponentCalls } from './component-calls.ts';
import { signalOwner, type Runtime } from './runtime.ts';
import type { Undoable, UndoLog } from './undo-log.ts';

type Dispose = ((value: unknown, error?: unknown) => unknown) | undefined;

/** The steps of `undo()` in order. In messages, the name of the provider follows. */
const disposalSteps = ['removal of', 'signals of', 'rest of', 'dispose of'] as const;

/** One resource, from the provider's result to the end of its disposal. */
export class Publication implements Undoable, Keeper {
  readonly #provider: Provider;
  readonly #runtime: Runtime;
  readonly #undos: UndoLog;
  #value: unknown;
  #isPublished = false;
  #rest: RestOfGenerator | undefined;
  #complete: (() => void) | undefined;

  /** @param undos - log of the component, which knows whether the provider was undone before its value existed */
  constructor(provider: Provider, runtime: Runtime, undos: UndoLog) {
    this.#provider = provider;
    this.#runtime = runtime;
    this.#undos = undos;
  }

  /** Publishes the provider's result; returns a promise only if the result has to be awaited. */
  take(result: unknown): unknown {
    const { ids } = this.#provider;
    // A class with a `then` method would be awaited as if it were the promise of its value.
    if (isThenable(result) && ids.some((id) => typeof id === 'function' && result instanceof id)) {
      throw new ResourceValueError(ids[0]!, result, `\`${this.#label}\``);
    }
    return takeResult(result, this);
  }

  keep(value: unknown, rest: Yielding<unknown> | undefined, generator?: 'ended'): void {
    if (rest) this.#rest = new RestOfGenerator(this.#label, rest);
    const { ids, name, step } = this.#provider;
    const [id] = ids as [ServiceIdentifier<unknown>];
    if (generator) throw new ResourceValueError(id, value, `\`${this.#label}\``, generator);
    if (value === null || value === undefined) throw new ResourceValueError(id, value, `\`${this.#label}\``);
    // Set before publishing, so that the value is disposed of even if publishing fails.
    this.#value = value;
    this.#undos.throwIfUndone(step);
    this.#runtime.context.resources.publish(
      ids as [ServiceIdentifier<unknown>],
      value,
      name,
      `\`${this.#label}\``,
      this,
    );
    this.#isPublished = true;
    this.#complete = adoptSignals(value, { id, name }, this.#runtime);
  }

  /** Removes the resource from the context. Comes first, so that no lookup returns a resource during its disposal. */
  withdraw(): void {
    if (!this.#isPublished) return;
    this.#isPublished = false;
    const { ids, name, node } = this.#provider;
    this.#runtime.context.resources.withdraw(ids, name, this, componentText(node));
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
    if (failures.length > 0) throw new TeardownError(this.#provider.node.path, failures, endedBy);
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

/** A factory of the application, from its publication to its removal. */
export class FactoryPublication implements Undoable {
  readonly #provider: Provider;
  readonly #context: Context;
  readonly #factory: ResourceFactory<Context>;

  /**
   * Publishes the factory.
   *
   * @param owner - owns the subscriptions that the factory creates
   */
  constructor(provider: Provider, { context }: Runtime, calls: ComponentCalls, owner: SubscriptionOwner) {
    const { ids, name, declaration } = provider;
    this.#provider = provider;
    this.#context = context;
    const make = calls.factory(declaration.member!, (asking) => this.#factory.throwIfWithdrawn(asking.name));
    const dispose = declaration.dispose as FactoryOptions<unknown>['dispose'];
    this.#factory = context.resources.publishFactory(
      ids as [ServiceIdentifier<unknown>],
      make,
      { name, dispose },
      owner,
    );
  }

  withdraw(): void {
    const { ids, name, node } = this.#provider;
    this.#context.resources.withdraw(ids, name, this.#factory, componentText(node));
  }

  undo(): void {
    this.withdraw();
  }
}

/** One hook call, from its generator to the undo of its teardowns. */
export class HookRun implements Undoable, Keeper {
  readonly #context: Context;
  readonly #hook: Hook;
  /** Teardowns added to the component's context after this mark belong to the hook. */
  readonly #mark: number;

  /**
   * Records the teardown mark; create it before the hook is called.
   *
   * @param context - context of the component
   */
  constructor(context: Context, hook: Hook) {
    this.#context = context;
    this.#hook = hook;
    this.#mark = context.lifetime.teardowns.mark;
  }

  /** Keeps the teardown of the hook's result; returns a promise only if the result has to be awaited. */
  take(result: unknown): unknown {
    return takeResult(result, this);
  }

  keep(_value: unknown, rest: Yielding<unknown> | undefined): void {
    if (rest) this.#context.lifetime.teardowns.addRest(`${this.#hook}()`, rest);
  }

  async undo(endedBy: unknown): Promise<void> {
    const { state, name } = this.#context;
    // A closed context holds only teardowns that were added after it closed.
    const failures = await this.#context.lifetime.unwindTo(state === 'closed' ? 0 : this.#mark, endedBy);
    if (failures.length > 0) throw new TeardownError(name, failures, endedBy);
  }
}

/** The receiver of a result. */
interface Keeper {
  /**
   * Receives the value of a provider or hook and, if it is a generator, the code after its `yield`, or `'ended'` if it
   * has ended without one.
   */
  keep(value: unknown, rest: Yielding<unknown> | undefined, generator?: 'ended'): void;
}

/** Awaits a result and runs a generator up to its `yield`. Returns a promise only if one has to be awaited. */
function takeResult(result: unknown, keeper: Keeper): unknown {
  if (!isThenable(result)) return takeValue(result, keeper);
  return Promise.resolve(result).then(inPresentName((value) => takeValue(value, keeper)));
}

function takeValue(result: unknown, keeper: Keeper): unknown {
  if (!isYielding(result)) return keeper.keep(result, undefined);
  const take = ({ done, value }: IteratorResult<unknown>): void =>
    done === true ? keeper.keep(undefined, undefined, 'ended') : keeper.keep(value, result);
  const first = result.next();
  return isThenable(first) ? first.then(take) : take(first);
}

/**
 * Lets the application report the errors of a published value's subscribers. Returns a function that completes the
 * value's signals.
 */
export function adoptSignals(value: unknown, key: Key, runtime: Runtime): (() => void) | undefined {
  if (typeof value !== 'object' || value === null || signalsOf(value).size === 0) return undefined;
  return Signal.adopt(value, signalOwner(keyText(key), runtime));
}
