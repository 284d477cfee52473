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
 * Runs teardowns from the top of the stack down to `mark`, one at a time; `failed` hears of each that throws.
 * Callbacks that are added meanwhile run next.
 */
export async function unwind(
  stack: Teardown[],
  mark: number,
  endedBy: unknown,
  failed: (error: unknown, label: string) => void,
): Promise<void> {
  while (stack.length > mark) {
    const { label, undo } = stack.pop()!;
    try {
      const result = undo(endedBy);
      if (isThenable(result)) await result;
    } catch (error) {
      failed(error, label);
    }
  }
}

/** The teardown of a generator that has yielded. */
export function finishGenerator(generator: Yielding<unknown>, label: string): Teardown {
  // One yield is the rule; whatever comes after a second one is left through its `finally` blocks.
  const leave = ({ done }: IteratorResult<unknown>): unknown =>
    done === true ? undefined : generator.return(undefined);
  return {
    label,
    undo: (error) => {
      const end = generator.next(error);
      return isThenable(end) ? end.then(leave) : leave(end);
    },
  };
}

/** Whether a function's result is a generator object, as opposed to a value that happens to be iterable. */
export function isYielding(result: unknown): result is Yielding<unknown> {
  if (typeof result !== 'object' || result === null) return false;
  const { next, [Symbol.toStringTag]: tag } = result as { next?: unknown; [Symbol.toStringTag]?: unknown };
  return typeof next === 'function' && (tag === 'Generator' || tag === 'AsyncGenerator');
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
