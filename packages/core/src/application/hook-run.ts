/** Runs one hook call and undoes its effects. */
import type { Hook } from '../component/declarations.ts';
import { TeardownError } from '../context/errors.ts';
import { isThenable, isYielding } from '../context/teardown.ts';
import { inPresentName } from '../signal/scope.ts';
import type { ComponentContext } from './component-context.ts';

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
