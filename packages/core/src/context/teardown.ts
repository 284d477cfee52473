/**
 * What a context runs when it closes, last in first out. Everything that can be undone becomes a `Teardown` here:
 * callbacks, the rest of a generator after its `yield`, tasks.
 */

/** Undoes something; is told the error that ended the context, if any. */
export type TeardownCallback = (error?: unknown) => unknown;

export interface Teardown {
  /** How messages call it. */
  readonly label: string;
  readonly undo: TeardownCallback;
}

/** A generator, plain or async: what it yields is its value, what follows the `yield` is teardown. */
export type Yielding<T> = Generator<T, unknown, unknown> | AsyncGenerator<T, unknown, unknown>;

/**
 * Runs teardowns from the top of the stack down to `mark`, one at a time; what they throw is gathered.
 * Callbacks that are added meanwhile run next.
 */
export async function unwind(stack: Teardown[], mark: number, endedBy: unknown, errors: unknown[]): Promise<void> {
  while (stack.length > mark) {
    const teardown = stack.pop()!;
    try {
      const result = teardown.undo(endedBy);
      if (isThenable(result)) await result;
    } catch (error) {
      errors.push(error);
    }
  }
}

/** The teardown of a generator that has yielded. */
export function finishGenerator(generator: Yielding<unknown>, label: string): Teardown {
  return {
    label,
    undo: async (error) => {
      const { done } = await generator.next(error);
      // One yield is the rule; whatever comes after a second one is left through its `finally` blocks.
      if (done !== true) await generator.return(undefined);
    },
  };
}

const generatorTags = new Set(['[object Generator]', '[object AsyncGenerator]']);

/** Whether a function's result is a generator object, as opposed to a value that happens to be iterable. */
export function isYielding(result: unknown): result is Yielding<unknown> {
  return typeof result === 'object' && result !== null && generatorTags.has(Object.prototype.toString.call(result));
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
