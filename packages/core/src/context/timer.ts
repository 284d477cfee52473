/** Longest delay of a timer in milliseconds, about 24.8 days. A timer with a longer delay fires immediately. */
const longest = 2 ** 31 - 1;

/** Starts a timer for a limit; returns `undefined` if the limit is 0 or longer than a timer can count. */
export function startTimer(limitMs: number, expired: () => void): NodeJS.Timeout | undefined {
  return limitMs > 0 && limitMs <= longest ? setTimeout(expired, limitMs) : undefined;
}

/**
 * Calls a function after a time of any length. A time that one timer cannot count is split into several timers.
 *
 * @returns a function that cancels the call
 */
export function callAfter(delayMs: number, call: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (restMs: number): void => {
    const next = restMs > longest ? () => wait(restMs - longest) : call;
    timer = setTimeout(next, Math.min(restMs, longest));
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
