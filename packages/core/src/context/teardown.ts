/**
 * What a context runs when it closes, last in first out. Everything that can be undone becomes a `Teardown` here:
 * callbacks, the rest of a generator after its `yield`, the disposal of a value.
 *
 * The stack is a chain of teardowns and no array, because most contexts hold few or none, and live a millisecond. It is
 * linked both ways, because a context that lives long has tasks and subscriptions that end before it does.
 */
import { TeardownTimeoutError, type TeardownFailure } from './errors.ts';

/** Undoes something; is told the error that ended the context, if any. */
export type TeardownCallback = (error?: unknown) => unknown;

/** A generator, plain or async: what it yields is its value, what follows the `yield` is teardown. */
export type Yielding<T> = Generator<T, unknown, unknown> | AsyncGenerator<T, unknown, unknown>;

export abstract class Teardown {
  /** What is undone after this. */
  below: Teardown | undefined = undefined;
  /** What is undone before this. */
  above: Teardown | undefined = undefined;
  /** Its number among all that were ever put on its stack; 0 while it is on none. */
  order = 0;
  /** How messages call it. */
  abstract readonly label: string;
  abstract undo(error: unknown): unknown;
}

class Callback extends Teardown {
  constructor(
    readonly label: string,
    readonly undo: TeardownCallback,
  ) {
    super();
  }
}

/** What a generator does after its `yield`. */
export class RestOfGenerator extends Teardown {
  readonly #generator: Yielding<unknown>;

  constructor(
    readonly label: string,
    generator: Yielding<unknown>,
  ) {
    super();
    this.#generator = generator;
  }

  undo(error: unknown): unknown {
    const end = this.#generator.next(error);
    return isThenable(end) ? this.#leaveLater(end) : this.#leave(end);
  }

  async #leaveLater(end: PromiseLike<IteratorResult<unknown>>): Promise<unknown> {
    return this.#leave(await end);
  }

  /** One yield is the rule; whatever comes after a second one is left through its `finally` blocks. */
  #leave({ done }: IteratorResult<unknown>): unknown {
    return done === true ? undefined : this.#generator.return(undefined);
  }
}

/** How a stack is unwound. */
export interface Unwinding {
  /** What ended the context, for the teardowns. */
  readonly endedBy: unknown;
  /** Gets what each teardown throws. */
  readonly failures: TeardownFailure[];
  /** What was there at this {@link TeardownStack.mark} stays. @default 0 */
  readonly mark?: number;
  /** Milliseconds that each of them may take. */
  readonly limitMs?: number | undefined;
}

export class TeardownStack {
  #top: Teardown | undefined;
  #pushed = 0;
  #running: Teardown | undefined;

  /** Tells what is there now from what comes later. */
  get mark(): number {
    return this.#pushed;
  }

  /** What messages call the teardown that is waited for right now. */
  get running(): string | undefined {
    return this.#running?.label;
  }

  get isEmpty(): boolean {
    return this.#top === undefined;
  }

  push(teardown: Teardown): void {
    const below = this.#top;
    if (below !== undefined) below.above = teardown;
    teardown.below = below;
    teardown.order = ++this.#pushed;
    this.#top = teardown;
  }

  /** Adds a callback under a name for messages. */
  add(label: string, undo: TeardownCallback): Teardown {
    const teardown = new Callback(label, undo);
    this.push(teardown);
    return teardown;
  }

  /** Adds what a generator does after its `yield`. */
  addRest(label: string, generator: Yielding<unknown>): void {
    this.push(new RestOfGenerator(label, generator));
  }

  /** Takes one out that need not run any more; nothing happens where it has begun to run. */
  remove(teardown: Teardown): void {
    if (teardown.order === 0) return;
    const { above, below } = teardown;
    if (above === undefined) this.#top = below;
    else above.below = below;
    if (below !== undefined) below.above = above;
    teardown.order = 0;
    teardown.above = teardown.below = undefined;
  }

  /** Runs teardowns from the top, one at a time. Those that are added meanwhile run next. */
  async unwind({ endedBy, failures, mark = 0, limitMs }: Unwinding): Promise<void> {
    for (let top = this.#top; top !== undefined && top.order > mark; top = this.#top) {
      this.remove(top);
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
}

/** What a teardown gives, unless that takes too long. */
export async function inTime(result: PromiseLike<unknown>, limitMs: number, label: string): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TeardownTimeoutError(label, limitMs)), limitMs);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a function's result is a generator object, as opposed to a value that happens to be iterable. */
export function isYielding(result: unknown): result is Yielding<unknown> {
  if (typeof result !== 'object' || result === null) return false;
  if (typeof (result as { next?: unknown }).next !== 'function') return false;
  const tag = (result as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return tag === 'Generator' || tag === 'AsyncGenerator';
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
