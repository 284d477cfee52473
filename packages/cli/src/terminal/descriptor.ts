/** File descriptors whose writes return at once, whether or not the reader keeps up. */
import { constants, fstatSync, openSync, type BigIntStats } from 'node:fs';

/**
 * Opens a pipe or terminal again. Node writes to terminals with blocking calls, and a child process that inherits a pipe
 * switches it to blocking calls for the parent too. Neither affects the new descriptor.
 *
 * @returns `fd` itself where the system cannot do that: outside Linux, for sockets, and for pipes of another user
 */
export function withoutBlocking(fd: number): number {
  const stats = statsOf(fd);
  if (process.platform !== 'linux' || !(stats.isFIFO() || stats.isCharacterDevice())) return fd;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return fd;
  }
}

/** Returns whether two file descriptors lead to the same pipe, socket or terminal. */
export function isSame(one: number, other: number): boolean {
  const [a, b] = [statsOf(one), statsOf(other)];
  return a.dev === b.dev && a.ino === b.ino && !a.isFile();
}

/** Uses `bigint`: after `fstatSync` of a pipe without it, `realpathSync` of Node resolves no links, a bug of Node. */
function statsOf(fd: number): BigIntStats {
  return fstatSync(fd, { bigint: true });
}
