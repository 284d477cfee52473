import type { Logger } from '../component/logger.ts';

/**
 * Returns the exit code for a tool's result. Codes above 127 look like signals to a shell: for these and other invalid
 * results, it logs a warning and returns 1.
 */
export function exitCodeOf(result: unknown, logger: Logger): number {
  if (result === undefined) return 0;
  if (typeof result === 'number' && Number.isInteger(result)) {
    if (result >= 0 && result <= 127) return result;
    logger.warn(`exit code out of range: ${result}`);
  } else {
    logger.warn(`run() must return an integer or nothing, not ${typeof result === 'number' ? result : typeof result}`);
  }
  return 1;
}
