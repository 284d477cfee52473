/** Reading of small regular files, with failures in words. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** More than any configuration needs, and few enough bytes to be parsed in a moment. */
export const largestSize = 1024 * 1024;
/** JSON costs less to parse. */
export const largestJson = 8 * largestSize;
/** What a configuration may take in from another file. */
const largestContent = 4 * largestSize;

/** How messages call what the user names `-`. */
export const standardInput = 'standard input';

/** How messages call what is small and would cost much. */
export const tooDeep = 'it is nested too deeply';
export const tooManyParts = 'it has too many parts';

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

/** The bytes of a regular file of limited size, by default 4 MB. Never waits: a pipe in place of a file is refused. */
export function readSmallFile(path: string, largest = largestContent): Buffer | UnreadableFile {
  let handle: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(handle);
    if (stat.isDirectory()) return new UnreadableFile('it is a folder');
    if (!stat.isFile()) return new UnreadableFile('it is not a regular file');
    if (stat.size > largest) return new UnreadableFile(`it is larger than ${largest / largestSize} MB`);
    return readFileSync(handle);
  } catch (error) {
    // The system's error keeps its code, but who called says nothing about the file.
    if (error instanceof Error) error.stack = String(error);
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return new UnreadableFile(reasons[code] ?? code, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** The text of a regular file of limited size, without a byte order mark. */
export function readSmallText(path: string, largest?: number): string | UnreadableFile {
  const bytes = readSmallFile(path, largest);
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
