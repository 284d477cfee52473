/**
 * The memory that the main thread and the watching thread share. All times in the watchdog are milliseconds as the main
 * thread's `performance.now()` counts them; the other thread gets there through `process.hrtime`, which all threads
 * share.
 */
export interface Heartbeat {
  /** In whole microseconds: when the main thread last came round. */
  readonly memory: BigInt64Array;
  /** What `process.hrtime` said when the main thread's clock was at 0, in nanoseconds. */
  readonly origin: bigint;
}

export function createHeartbeat(): Heartbeat {
  const origin = process.hrtime.bigint() - BigInt(Math.round(performance.now() * 1e6));
  return { memory: new BigInt64Array(new SharedArrayBuffer(16)), origin };
}

/** The main thread came round at `at`. A debugger stops it at will, and is not to be disturbed. */
export function writeBeat({ memory }: Heartbeat, at: number, hasDebugger: boolean): void {
  Atomics.store(memory, 0, BigInt(Math.round(at * 1e3)));
  Atomics.store(memory, 1, hasDebugger ? 1n : 0n);
}

export function readBeat({ memory }: Heartbeat): { readonly at: number; readonly hasDebugger: boolean } {
  return { at: Number(Atomics.load(memory, 0)) / 1e3, hasDebugger: Atomics.load(memory, 1) === 1n };
}

/** The main thread's clock, read in any thread. */
export function mainTime({ origin }: Heartbeat): number {
  return Number(process.hrtime.bigint() - origin) / 1e6;
}
