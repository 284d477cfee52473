/** Reads small regular files. Failures are returned as text. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** The size limit of a configuration file, in bytes: more than any configuration needs, and fast to parse. */
export const largestSize = 1024 * 1024;
/** The limit for JSON files, which are cheaper to parse. */
export const largestJson = 8 * largestSize;
/** The limit for files that `!TextFile` and `!BinaryFile` read. */
const largestContent = 4 * largestSize;

/** The name of `-` in messages. */
export const standardInput = 'standard input';

/** Reasons to reject text that is small but expensive to parse. */
export const tooDeep = 'it is nested too deeply';
export const tooManyTokens = 'it contains too many tokens';

/** The reason why a file cannot be read, worded to follow the file's name. */
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

/** Reads the bytes of a regular file of limited size, by default 4 MB. Rejects pipes, so it never blocks. */
export function readSmallFile(path: string, largest = largestContent): Buffer | UnreadableFile {
  let handle: number | undefined;
  try {
    // Without `O_NONBLOCK`, opening a pipe without a writer would block forever.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(handle);
    if (stat.isDirectory()) return new UnreadableFile('it is a folder');
    if (!stat.isFile()) return new UnreadableFile('it is not a regular file');
    if (stat.size > largest) return new UnreadableFile(`it is larger than ${largest / largestSize} MB`);
    return readFileSync(handle);
  } catch (error) {
    // Removes the stack frames, which say nothing about the file. The error keeps its code.
    if (error instanceof Error) error.stack = String(error);
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return new UnreadableFile(reasons[code] ?? code, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Reads the text of a regular file of limited size, without a byte order mark. */
export function readSmallText(path: string, largest?: number): string | UnreadableFile {
  const bytes = readSmallFile(path, largest);
  return bytes instanceof UnreadableFile ? bytes : decodeText(bytes);
}

/** Decodes UTF-8 text, without a byte order mark. */
export function decodeText(bytes: Uint8Array): string | UnreadableFile {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    return new UnreadableFile('it is not UTF-8 text', error);
  }
}
