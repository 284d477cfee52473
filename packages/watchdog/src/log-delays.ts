import type { Logger } from '@asphalt/core';
import { delayText, type Delay } from './delay.ts';

/** A {@link Watchdog}, or a source of some of its delays. */
export interface DelaySource {
  readonly namesCode: boolean;
  readonly delayed: { subscribe(listener: (delay: Delay) => void): unknown };
}

/**
 * Logs delays: for each function, the 1st, the 10th, the 100th and so on.
 *
 * @param fromMs - the length of the shortest delay that is logged
 */
export function logDelays(watchdog: DelaySource, logger: Logger, fromMs = 0): void {
  if (!watchdog.namesCode)
    logger.info('This runtime cannot report which code blocks the event loop, only for how long it was blocked');
  watchdog.delayed.subscribe((delay) => {
    const isLong = Math.max(delay.durationMs, delay.suspendedMs) >= fromMs;
    if (!isLong || !Number.isInteger(Math.log10(delay.count))) return;
    const level = delay.cause === 'code' || delay.cause === 'unknown' ? 'warn' : 'info';
    logger[level](delayText(delay));
  });
}
