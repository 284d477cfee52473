/** Computes pauses after failures: before the next check of a page, and before the next attempt of a write or a mail. */

/** The longest pause between checks of a failing page, unless its usual interval is longer. */
const longestCheckPauseMs = 3_600_000;

export interface BackOffState {
  /** The pause between checks that succeed. */
  readonly everyMs: number;
  /** The number of consecutive failed checks. */
  readonly failures: number;
  /** The pause that the server requested. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Returns the pause before the next check. It doubles with each consecutive failure and is at least as long as the server
 * requested, up to the longest pause.
 */
export function nextPauseMs({ everyMs, failures, retryAfterMs = 0 }: BackOffState): number {
  const limitMs = Math.max(longestCheckPauseMs, everyMs);
  const grown = failures === 0 ? everyMs : everyMs * 2 ** Math.min(failures - 1, 30);
  return Math.min(limitMs, Math.max(grown, retryAfterMs));
}

/** The first pause between two attempts. Each further pause is twice as long. */
const firstRetryMs = 500;

/**
 * Returns the pause after a number of failed attempts. It is shortened by up to a half at random, so that work that failed
 * at the same time is not retried at the same time.
 *
 * @param random - a number from 0 up to 1
 */
export function retryPauseMs(attempts: number, longestMs: number, random = Math.random()): number {
  return Math.min(longestMs, firstRetryMs * 2 ** Math.min(attempts - 1, 30)) * (1 - random / 2);
}

/** Reads a `Retry-After` header: a number of seconds or a date. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
