/** File descriptors whose writes return at once, whether or not the reader keeps up. */
import { constants, fstatSync, openSync, type BigIntStats } from 'node:fs';

/**
 * Returns a file descriptor for the same pipe or terminal, opened for writes that never block.
 *
 * Node writes to terminals with blocking calls, and a child process that inherits a pipe makes the pipe's writes
 * blocking for its parent as well. A descriptor of its own is affected by neither. Falls back to the given descriptor
 * where the system cannot open it again: outside Linux, for sockets, and for pipes of another user.
 */
export function nonBlocking(fd: number): number {
  if (process.platform !== 'linux') return fd;
  try {
    const stats = statsOf(fd);
    if (!stats.isFIFO() && !stats.isCharacterDevice()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return fd;
  }
}

/** Whether two file descriptors lead to the same pipe, socket or terminal. */
export function isSame(one: number, other: number): boolean {
  const [a, b] = [statsOf(one), statsOf(other)];
  return a.dev === b.dev && a.ino === b.ino && !a.isFile();
}

/**
 * Always with `bigint`: after `fstatSync` of a pipe without it, `realpathSync` of Node leaves links unresolved, and
 * modules are loaded twice.
 */
function statsOf(fd: number): BigIntStats {
  return fstatSync(fd, { bigint: true });
}
