// Fake timers replace the global function.
import { clearTimeout, setTimeout } from 'node:timers';
import { UnsettledError } from './errors.ts';

export interface EventuallyOptions {
  /** @default 2000 */
  readonly timeoutMs?: number;
}

const intervalMs = 10;

/** Longest delay of a timer in milliseconds. */
const longestDelayMs = 2 ** 31 - 1;

/** The result of a function, or its error. */
type Outcome<R> = { readonly result: R } | { readonly error: unknown };

/**
 * Calls a function again until it succeeds, and returns its result. Fake timers do not affect it.
 *
 * @param check - throws, or rejects, while the expected state has not been reached
 * @throws the last error of the function, if it fails for longer than the limit
 * @throws {@link UnsettledError} when its promise is pending at the limit
 */
export async function eventually<R>(
  check: () => R | Promise<R>,
  { timeoutMs = 2000 }: EventuallyOptions = {},
): Promise<R> {
  if (!(timeoutMs >= -Infinity)) {
    throw new RangeError(`The limit of eventually() must be a number of milliseconds, got ${timeoutMs}`);
  }
  const end = now() + timeoutMs;
  let last: ErrorOptions | undefined;
  for (;;) {
    const outcome = await within(end - now(), outcomeOf(check));
    if (!outcome) throw new UnsettledError(timeoutMs, last);
    if ('result' in outcome) return outcome.result;
    if (now() >= end) throw outcome.error;
    last = { cause: outcome.error };
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

async function outcomeOf<R>(call: () => R | Promise<R>): Promise<Outcome<R>> {
  try {
    return { result: await call() };
  } catch (error) {
    return { error };
  }
}

/** Returns the value of a promise, or `undefined` if it is pending at the limit. */
async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    if (limitMs <= longestDelayMs) timer = setTimeout(resolve, Math.max(limitMs, 0), undefined);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the milliseconds of a clock that fake timers do not replace. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
