/**
 * The stack of teardowns that a context runs when it closes, last in, first out. A `Teardown` is a callback, the rest
 * of a generator after its `yield`, or the disposal of a factory's value. This file must not depend on contexts.
 */
import { TeardownTimeoutError, type TeardownFailure } from './errors.ts';
import { startTimer } from './timer.ts';

/** A teardown function. Receives the error that ended the context, if any. */
export type TeardownCallback = (error?: unknown) => unknown;

/** A sync or async generator: it yields one value, and the code after the `yield` is the teardown. */
export type Yielding<T> = Generator<T, unknown, unknown> | AsyncGenerator<T, unknown, unknown>;

export interface Teardown {
  /** Its name in messages. */
  readonly label: string;
  /** Its sequence number on the stack; 0 while it is on no stack. Only the stack changes it. */
  order: number;
  undo(error: unknown): unknown;
}

/** Runs the code of a generator after its `yield`. */
export class RestOfGenerator implements Teardown {
  order = 0;
  readonly #generator: Yielding<unknown>;

  constructor(
    readonly label: string,
    generator: Yielding<unknown>,
  ) {
    this.#generator = generator;
  }

  undo(error: unknown): unknown {
    const end = this.#generator.next(error);
    return isThenable(end) ? this.#leaveLater(end) : this.#leave(end);
  }

  async #leaveLater(end: PromiseLike<IteratorResult<unknown>>): Promise<unknown> {
    return this.#leave(await end);
  }

  /** Ends a generator that yields a second time, which runs only its `finally` blocks. */
  #leave({ done }: IteratorResult<unknown>): unknown {
    return done === true ? undefined : this.#generator.return(undefined);
  }
}

/** Options of {@link TeardownStack.unwind}. */
export interface Unwinding {
  /** The error that ended the context; teardowns receive it. */
  readonly endedBy: unknown;
  /** Receives the error of each teardown that fails. */
  readonly failures: TeardownFailure[];
  /** Teardowns added before this {@link TeardownStack.mark} stay on the stack. @default 0 */
  readonly mark?: number;
  /** Time limit for each teardown in milliseconds. */
  readonly limitMs?: number | undefined;
}

export class TeardownStack {
  #stack: Teardown[] = [];
  /** How many teardowns on the stack were removed. They stay until they are half of it, so that removal is fast. */
  #removed = 0;
  #pushed = 0;
  #running: Teardown | undefined;

  /** Marks the current top of the stack. */
  get mark(): number {
    return this.#pushed;
  }

  /** The label of the running teardown. */
  get running(): string | undefined {
    return this.#running?.label;
  }

  get isEmpty(): boolean {
    return this.#stack.length === this.#removed;
  }

  push(teardown: Teardown): void {
    teardown.order = ++this.#pushed;
    this.#stack.push(teardown);
  }

  /** Adds a callback with a label for messages. */
  add(label: string, undo: TeardownCallback): Teardown {
    const teardown: Teardown = { label, order: 0, undo };
    this.push(teardown);
    return teardown;
  }

  /** Adds the code of a generator after its `yield`. */
  addRest(label: string, generator: Yielding<unknown>): void {
    this.push(new RestOfGenerator(label, generator));
  }

  /** Removes a pending teardown. Does nothing if it is already running. */
  remove(teardown: Teardown): void {
    if (teardown.order === 0) return;
    teardown.order = 0;
    this.#removed++;
    if (this.#removed * 2 < this.#stack.length) return;
    this.#stack = this.#stack.filter(({ order }) => order > 0);
    this.#removed = 0;
  }

  /** Runs teardowns from the top, one at a time. Teardowns added during this run next. */
  async unwind({ endedBy, failures, mark = 0, limitMs }: Unwinding): Promise<void> {
    for (let top = this.#pop(mark); top !== undefined; top = this.#pop(mark)) {
      this.#running = top;
      try {
        const result = top.undo(endedBy);
        if (isThenable(result)) await (limitMs === undefined ? result : inTime(result, limitMs, top.label));
      } catch (error) {
        failures.push({ label: top.label, error });
      }
    }
    this.#running = undefined;
  }

  /** Takes the latest teardown from the stack; returns `undefined` if it was added before the mark. */
  #pop(mark: number): Teardown | undefined {
    for (let top = this.#stack.at(-1); top !== undefined; top = this.#stack.at(-1)) {
      if (top.order > 0 && top.order <= mark) return undefined;
      this.#stack.pop();
      if (top.order > 0) {
        top.order = 0;
        return top;
      }
      this.#removed--;
    }
    return undefined;
  }
}

/** Returns the result of a teardown or factory. @throws {@link TeardownTimeoutError} when it exceeds the limit */
export async function inTime(result: PromiseLike<unknown>, limitMs: number, label: string): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // A limit of 0 allows no wait, in contrast to the limits of an application.
    timer = startTimer(Math.max(limitMs, 1), () => reject(new TeardownTimeoutError(label, limitMs)));
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns whether a function's result is a generator object, rather than another iterable. */
export function isYielding(result: unknown): result is Yielding<unknown> {
  if (typeof result !== 'object' || result === null) return false;
  if (typeof (result as { next?: unknown }).next !== 'function') return false;
  const tag = (result as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return tag === 'Generator' || tag === 'AsyncGenerator';
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
