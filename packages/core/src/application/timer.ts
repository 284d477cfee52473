/** Longest delay that a timer counts, in milliseconds; what is longer fires at once. */
const longest = 2 ** 31 - 1;

/** A timer for a limit; none where the limit is 0, or so long that nobody lives to see it. */
export function startTimer(limitMs: number, expired: () => void): NodeJS.Timeout | undefined {
  return limitMs > 0 && limitMs <= longest ? setTimeout(expired, limitMs) : undefined;
}
