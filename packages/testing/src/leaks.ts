import { LeakError } from './errors.ts';
import { eventually } from './eventually.ts';
import { Opened } from './opened.ts';

/**
 * Calls a function and fails if it leaves something open: contexts, sockets, servers, timers, threads and processes that
 * keep this process alive, and listeners of `process`. The error names each with the code that opened it. Anything that
 * closes within a second does not count.
 *
 * @returns the function's result
 * @throws {@link LeakError} that lists what is open; an error of the function takes precedence
 */
export async function expectNoLeaks<R>(run: () => R | Promise<R>): Promise<R> {
  const opened = new Opened();
  try {
    const result = await opened.run(run);
    const expectNone = (): void => {
      const leaks = opened.leaks();
      if (leaks.length > 0) throw new LeakError(leaks);
    };
    await eventually(expectNone, { timeoutMs: 1000 });
    return result;
  } finally {
    opened.end();
  }
}
