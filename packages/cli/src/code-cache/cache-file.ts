/**
 * Reads and writes the file of a code cache. V8 checks a cache against its own version, its flags and the length of the
 * source, but not against its content: a process that can write the file can run code. This file therefore checks who can.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** The bits of a mode that let the group and others write. */
const writableByOthers = 0o022;

/** Returns why this process must not run code from a file or folder; undefined if it can. */
export function trustProblem({ uid, mode }: Stats): string | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  if (uid !== user && uid !== 0) return 'belongs to another user';
  return (mode & writableByOthers) === 0 ? undefined : 'is writable by other users';
}

export class CacheFile {
  /** Why the file must not be used, for a warning; undefined if it can be, or does not exist. */
  problem: string | undefined;
  readonly #folder: string;
  readonly #path: string;
  readonly #seed: number;

  /** @param bundle - the name of the bundle, which contains the hash of its content */
  constructor(folder: string, bundle: string) {
    this.#folder = folder;
    const key = `${bundle}-${process.arch}-${process.version}`;
    this.#path = join(folder, `${key}.bin`);
    this.#seed = crc32(key);
  }

  /** Returns the data; undefined if the file does not exist, is damaged or must not be used. */
  read(): Buffer | undefined {
    let handle: number | undefined;
    try {
      handle = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
      const stat = fstatSync(handle);
      if (!stat.isFile()) return undefined;
      const problem = trustProblem(stat);
      if (problem !== undefined) {
        this.problem = `Ignoring the code cache ${this.#path}: it ${problem}`;
        return undefined;
      }
      return this.#checked(readFileSync(handle));
    } catch {
      // A missing or unreadable cache only makes the start slower.
      return undefined;
    } finally {
      if (handle !== undefined) closeSync(handle);
    }
  }

  /** Replaces the file, so that no process reads a part of it. Does nothing if the folder cannot be written. */
  write(data: Buffer): void {
    const temporary = `${this.#path}.${process.pid}`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o755 });
      writeFileSync(temporary, Buffer.concat([this.#checksum(data), data]), { flag: 'wx', mode: 0o644 });
      renameSync(temporary, this.#path);
    } catch {
      // A read-only folder is usual in production.
      rmSync(temporary, { force: true });
    }
  }

  /** Returns the data of a file whose checksum matches. V8 does not detect every damage, and may crash. */
  #checked(content: Buffer): Buffer | undefined {
    const data = content.subarray(4);
    return content.length > 4 && content.subarray(0, 4).equals(this.#checksum(data)) ? data : undefined;
  }

  #checksum(data: Buffer): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(crc32(data, this.#seed));
    return bytes;
  }
}
