/** Longest delay of a timer in milliseconds. A timer with a longer delay fires immediately. */
export const longestDelayMs = 2 ** 31 - 1;

/**
 * Calls a function after a time of any length. A time that one timer cannot count is split into several timers.
 *
 * @returns a function that cancels the call
 */
export function callAfter(delayMs: number, call: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (restMs: number): void => {
    const next = restMs > longestDelayMs ? () => wait(restMs - longestDelayMs) : call;
    timer = setTimeout(next, Math.min(restMs, longestDelayMs));
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
