/** Reading of small regular files, with failures in words. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** More than any configuration needs, and few enough bytes to be read in a moment. */
export const largestSize = 4 * 1024 * 1024;

/** How messages call what the user names `-`. */
export const standardInput = 'standard input';

/** A reason why a file cannot be read, worded to follow the file's name. */
export class UnreadableFile {
  constructor(
    readonly why: string,
    readonly cause?: unknown,
  ) {}
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

/** The bytes of a regular file of at most 4 MB. Never waits: a pipe in place of a file is refused. */
export function readSmallFile(path: string): Buffer | UnreadableFile {
  let handle: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(handle);
    if (stat.isDirectory()) return new UnreadableFile('it is a folder');
    if (!stat.isFile()) return new UnreadableFile('it is not a regular file');
    if (stat.size > largestSize) return new UnreadableFile('it is larger than 4 MB');
    return readFileSync(handle);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return new UnreadableFile(reasons[code] ?? code, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** The text of a regular file of at most 4 MB, without a byte order mark. */
export function readSmallText(path: string): string | UnreadableFile {
  const bytes = readSmallFile(path);
  return bytes instanceof UnreadableFile ? bytes : decodeText(bytes);
}

/** The text that bytes are in UTF-8, without a byte order mark. */
export function decodeText(bytes: Uint8Array): string | UnreadableFile {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    return new UnreadableFile('it is not UTF-8 text', error);
  }
}
