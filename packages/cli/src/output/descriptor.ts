/** File descriptors whose writes return at once, whether or not the reader keeps up. */
import { constants, fstatSync, openSync, type BigIntStats } from 'node:fs';

export interface Descriptor {
  readonly fd: number;
  /** To be called before each write: it reports `EAGAIN` then instead of blocking. */
  unblock(): void;
}

/**
 * Returns a descriptor for the pipe, socket, terminal or file of a standard stream.
 *
 * Node writes to terminals with blocking calls, and a child process that inherits a pipe makes the pipe's writes
 * blocking for its parent as well. A pipe or terminal that is opened again is affected by neither. Where the system cannot
 * do that (outside Linux, for sockets, and for pipes of another user), the stream is unblocked before each write.
 */
export function nonBlocking(stream: typeof process.stdout | typeof process.stderr): Descriptor {
  const { fd } = stream;
  const stats = statsOf(fd);
  if (process.platform === 'linux' && (stats.isFIFO() || stats.isCharacterDevice())) {
    try {
      const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
      return { fd: openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY), unblock: ignore };
    } catch {
      // It belongs to another user.
    }
  }
  // Node has no documented name for it.
  const { _handle: handle } = stream as { readonly _handle?: { setBlocking?(isBlocking: boolean): void } };
  return { fd, unblock: () => handle?.setBlocking?.(false) };
}

function ignore(): void {}

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
