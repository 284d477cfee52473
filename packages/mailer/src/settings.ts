import { MailerConfigError } from './errors.ts';

/** The longest delay of a timer. Node runs a timer with a longer delay immediately. */
const longestMs = 2 ** 31 - 1;

/**
 * Returns the time limit if a timer supports it.
 *
 * @throws {@link MailerConfigError} when the limit is out of range
 */
export function checkTime(option: string, milliseconds: number, least: number): number {
  if (milliseconds >= least && milliseconds <= longestMs) return milliseconds;
  throw MailerConfigError.outOfRange(option, milliseconds, `at least ${least} ms and at most 24 days`);
}

/** @throws {@link MailerConfigError} when the count is not a whole number above 0 */
export function checkCount(option: string, count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw MailerConfigError.outOfRange(option, count, 'a whole number from 1');
}
