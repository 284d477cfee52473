/** The file of a unix socket. A process that was killed leaves it behind, and the next one cannot listen there. */
import { once } from 'node:events';
import { lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';

/**
 * Removes the file of a socket that no process listens on.
 *
 * @returns whether it removed the file; false if a process listens there or the file is no socket
 */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const file = await lstat(path).catch(() => undefined);
  if (file?.isSocket() !== true || (await isLive(path))) return false;
  await rm(path, { force: true });
  return true;
}

async function isLive(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Any other error, such as a missing permission, comes from a socket that may be in use.
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
