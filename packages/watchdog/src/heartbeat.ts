/**
 * The memory that the main thread and the watching thread share. All times in the watchdog are milliseconds on the clock of
 * the main thread's `performance.now()`. The watching thread computes them from `process.hrtime`, which all threads share.
 */
export interface Heartbeat {
  /** The time of the main thread's last heartbeat in microseconds, and whether a debugger is attached. */
  readonly memory: BigInt64Array;
  /** The value of `process.hrtime` when the main thread's clock was at 0, in nanoseconds. */
  readonly origin: bigint;
}

export function createHeartbeat(): Heartbeat {
  const origin = process.hrtime.bigint() - BigInt(Math.round(performance.now() * 1e6));
  return { memory: new BigInt64Array(new SharedArrayBuffer(16)), origin };
}

/** Records a heartbeat. The watching thread does nothing while a debugger, which can pause the main thread, is attached. */
export function writeBeat({ memory }: Heartbeat, at: number, hasDebugger: boolean): void {
  Atomics.store(memory, 0, BigInt(Math.round(at * 1e3)));
  Atomics.store(memory, 1, hasDebugger ? 1n : 0n);
}

export function readBeat({ memory }: Heartbeat): { readonly at: number; readonly hasDebugger: boolean } {
  return { at: Number(Atomics.load(memory, 0)) / 1e3, hasDebugger: Atomics.load(memory, 1) === 1n };
}

/** Returns the time on the main thread's clock, in any thread. */
export function mainTime({ origin }: Heartbeat): number {
  return Number(process.hrtime.bigint() - origin) / 1e6;
}

/** Longest delay of a timer in milliseconds. A timer with a longer delay fires immediately. */
export const longestDelayMs = 2 ** 31 - 1;
