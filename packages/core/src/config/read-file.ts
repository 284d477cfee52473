/** Reading of small regular files, with failures in words. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

const largest = 16 * 1024 * 1024;

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

/** The bytes of a regular file of at most 16 MB. Never waits: a pipe in place of a file is refused. */
export function readSmallFile(path: string): Buffer | UnreadableFile {
  let handle: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(handle);
    if (stat.isDirectory()) return new UnreadableFile('it is a folder');
    if (!stat.isFile()) return new UnreadableFile('it is not a regular file');
    if (stat.size > largest) return new UnreadableFile('it is larger than 16 MB');
    return readFileSync(handle);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return new UnreadableFile(reasons[code] ?? code, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** The text of a regular file of at most 16 MB, without a byte order mark. */
export function readSmallText(path: string): string | UnreadableFile {
  const bytes = readSmallFile(path);
  if (bytes instanceof UnreadableFile) return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    return new UnreadableFile('it is not UTF-8 text', error);
  }
}
