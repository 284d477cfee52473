/** Waiting and time limits of any length. */
import { callAfter } from '@asphalt/core';

/** The result of work that exceeded its time limit. */
export const late: unique symbol = Symbol('late');

/** Waits. Rejects with the reason of the signal as soon as it aborts. */
export async function pause(ms: number, abort: AbortSignal): Promise<void> {
  await within(ms, new Promise<never>(() => undefined), abort);
}

/**
 * Resolves with the result of some work, or with {@link late} when the time limit is over. Rejects with the error of the
 * work, or with the reason of the signal as soon as it aborts. The work itself continues, and its later error is ignored.
 */
export function within<T>(limitMs: number, work: Promise<T>, abort?: AbortSignal): Promise<T | typeof late> {
  return new Promise((resolve, reject) => {
    const ending =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        cancel();
        abort?.removeEventListener('abort', onAbort);
        settle(value);
      };
    const onAbort = ending(() => reject(abort!.reason as Error));
    // A reply that arrived while code blocked the event loop is read before it counts as late.
    const cancel = callAfter(limitMs, () => setImmediate(ending(resolve), late));
    abort?.addEventListener('abort', onAbort, { once: true });
    work.then(ending(resolve), ending(reject));
    if (abort?.aborted === true) ending(reject)(abort.reason);
  });
}

/**
 * Like {@link within}, for the reply of a server. Code that blocks the event loop delays the reply too, so it consumes one
 * part of the limit at most.
 */
export async function replyWithin<T>(
  limitMs: number,
  reply: Promise<T>,
  abort?: AbortSignal,
): Promise<T | typeof late> {
  const parts = 4;
  for (let part = 0; part < parts; part++) {
    const result = await within(limitMs / parts, reply, abort);
    if (result !== late) return result;
  }
  return late;
}
