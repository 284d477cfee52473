import { LeakError } from './errors.ts';
import { eventually } from './eventually.ts';

/**
 * Calls a function and fails if it leaves resources open: sockets, servers, timers, threads and processes that keep this
 * process alive, and listeners of `process`. Resources that close within a second do not count.
 *
 * @returns the function's result
 * @throws {@link LeakError} that lists the kinds; an error of the function takes precedence
 */
export async function expectNoLeaks<R>(run: () => R | Promise<R>): Promise<R> {
  const before = openResources();
  const result = await run();
  await eventually(
    () => {
      const leaks = difference(openResources(), before);
      if (leaks.size > 0) throw new LeakError(leaks);
    },
    { timeoutMs: 1000 },
  );
  return result;
}

/** Returns the number of open resources of each kind. */
function openResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  for (const event of process.eventNames()) {
    counts.set(`listener of process for ${String(event)}`, process.listenerCount(event));
  }
  return counts;
}

function difference(after: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): Map<string, number> {
  const more = Array.from(after, ([kind, count]): [string, number] => [kind, count - (before.get(kind) ?? 0)]);
  return new Map(more.filter(([, count]) => count > 0));
}
