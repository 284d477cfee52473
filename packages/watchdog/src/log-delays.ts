import type { Logger } from '@asphalt/core';
import { delayText } from './delay.ts';
import type { Watchdog } from './watchdog.ts';

/**
 * Has a log tell of delays: of those that one function causes, the 1st, the 10th, the 100th and so on.
 *
 * @param fromMs - leaves out shorter ones
 */
export function logDelays(watchdog: Watchdog, logger: Logger, fromMs = 0): void {
  if (!watchdog.namesCode)
    logger.info('This runtime cannot tell which code blocks the event loop, only for how long it was blocked');
  watchdog.delayed.subscribe((delay) => {
    const isLong = Math.max(delay.durationMs, delay.suspendedMs) >= fromMs;
    if (!isLong || !Number.isInteger(Math.log10(delay.count))) return;
    const level = delay.cause === 'code' || delay.cause === 'unknown' ? 'warn' : 'info';
    logger[level](delayText(delay));
  });
}
