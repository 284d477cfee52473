/** The bounds of a back-off in milliseconds. */
export interface BackOff {
  readonly minDelay: number;
  readonly maxDelay: number;
}

/**
 * Returns a random delay before the next attempt. Its upper bound doubles with each attempt, so that the clients of a
 * restarted server do not return at the same moment.
 *
 * @param attempt - number of failed attempts so far
 */
export function backOff(attempt: number, { minDelay, maxDelay }: BackOff): number {
  const bound = Math.max(minDelay, Math.min(maxDelay, minDelay * 2 ** attempt));
  return minDelay + Math.random() * (bound - minDelay);
}
