import { MailerConfigError } from './errors.ts';

/** The longest delay of a timer, 24.8 days. Node runs a timer with a longer delay immediately. */
const longestMs = 2 ** 31 - 1;

/**
 * Returns the time limit, or the longest delay of a timer if the limit is longer.
 *
 * @throws {@link MailerConfigError} when the limit is too short
 */
export function checkTime(option: string, milliseconds: number, least: number): number {
  if (milliseconds >= least) return Math.min(milliseconds, longestMs);
  throw MailerConfigError.outOfRange(option, milliseconds, `at least ${least} ms`);
}

/** @throws {@link MailerConfigError} when the count is not a whole number above 0 */
export function checkCount(option: string, count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw MailerConfigError.outOfRange(option, count, 'a whole number from 1');
}
