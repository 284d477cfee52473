import { install } from '@sinonjs/fake-timers';

/** A clock that only the test moves. */
export interface FakeClock extends Disposable {
  /** The time in milliseconds since 1970. */
  readonly now: number;
  /** The number of timers that wait. */
  readonly timers: number;
  /** Moves the clock and runs the timers that are due, in order. Promises settle between two timers. */
  advance(ms: number): Promise<void>;
  /** Restores the real timers. */
  restore(): void;
}

/**
 * Replaces `setTimeout`, `setInterval`, `Date` and `performance.now()` until `restore()`. Input and output, promises,
 * `setImmediate` and `process.nextTick` stay real.
 *
 * @param now - the initial time; defaults to 2000-01-01 in UTC
 */
export function fakeClock(now: Date | number = Date.UTC(2000, 0)): FakeClock {
  const clock = install({
    now,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  return {
    get now() {
      return clock.now;
    },
    get timers() {
      return clock.countTimers();
    },
    async advance(ms) {
      await clock.tickAsync(ms);
    },
    restore: () => clock.uninstall(),
    [Symbol.dispose]: () => clock.uninstall(),
  };
}
