/** One call of a hook, and how what it has done is undone. */
import type { Hook } from '../component/declarations.ts';
import { TeardownError } from '../context/errors.ts';
import { isThenable, isYielding } from '../context/teardown.ts';
import { inPresentName } from '../signal/owned.ts';
import type { ComponentContext } from './component-context.ts';

export class HookRun {
  readonly #context: ComponentContext;
  readonly #hook: Hook;
  /** What is added to the teardown of the component's context from here on is the hook's. */
  readonly #mark: number;

  /** @param context - that of the component; to be made before the hook is called */
  constructor(context: ComponentContext, hook: Hook) {
    this.#context = context;
    this.#hook = hook;
    this.#mark = context.teardownMark;
  }

  /** Takes what the hook gave, a generator up to its `yield`; a promise only where there is something to wait for. */
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
    // A closed context holds nothing but what was added too late.
    await this.#context.unwindTo(state === 'closed' ? 0 : this.#mark, endedBy, errors);
    if (errors.length === 1) throw errors[0];
    const failures = errors.map((error) => ({ error }));
    if (failures.length > 1) throw new TeardownError(name, failures, endedBy);
  }
}
