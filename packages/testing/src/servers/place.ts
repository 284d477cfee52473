import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, closeSync, lstatSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ServerStartError } from './errors.ts';

/** A program, its arguments and additional variables. */
export interface Command {
  readonly path: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The user `nobody` of Linux. PostgreSQL and MariaDB refuse to run as root. */
const nobody = { uid: 65_534, gid: 65_534 };

/** The folder of a private server, which belongs to the user that runs the server. */
export class Place {
  readonly folder: string;
  /** Differs for each server. */
  readonly id: string;
  /** For servers that can listen at a socket: no other program can take it, as it could take a port. */
  readonly socket: { readonly path: string };
  /** The user that runs the server, if it is not that of the test. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly #log: string;

  /** @param executables - the paths of the executables of the server's program */
  constructor(
    readonly server: string,
    readonly executables: readonly string[],
  ) {
    this.user = process.getuid?.() === 0 ? nobody : undefined;
    this.folder = mkdtempSync(join(tmpdir(), 'asphalt-server-'));
    this.#own(this.folder);
    this.id = basename(this.folder);
    this.socket = { path: join(this.folder, 'socket') };
    this.#log = join(this.folder, 'output.log');
  }

  /** Writes a file that the server can read. @returns its path */
  write(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    this.#own(path);
    return path;
  }

  /** Whether a file exists and belongs to the user that runs the server. Other users can write into `/tmp`, too. */
  isOwn(path: string): boolean {
    const uid = this.user?.uid ?? process.getuid?.();
    return lstatSync(path, { throwIfNoEntry: false })?.uid === uid;
  }

  /** Runs a program to its end. @throws {@link ServerStartError} if it fails */
  async run({ path, args, env }: Command): Promise<void> {
    try {
      await promisify(execFile)(path, args, this.#options(env));
    } catch (error) {
      // The error itself has the arguments, which may include a password.
      const { stderr = '' } = error as { stderr?: string };
      throw new ServerStartError(this.server, `${basename(path)} failed`, stderr);
    }
  }

  /** Starts programs, each in its own process group. They write into one log, which replaces the log before. */
  spawn(commands: readonly Command[]): ChildProcess[] {
    const log = openSync(this.#log, 'w');
    const stdio = ['ignore', log, log] as const;
    try {
      return commands.map(({ path, args, env }) =>
        spawn(path, args, { ...this.#options(env), detached: true, stdio: [...stdio] }),
      );
    } finally {
      closeSync(log);
    }
  }

  /** Returns the output of the programs that were started last. */
  output(): string {
    return readFileSync(this.#log, 'utf8');
  }

  #options(env: Command['env']): { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
    return { ...this.user, cwd: this.folder, env: { ...process.env, HOME: this.folder, ...env } };
  }

  #own(path: string): void {
    if (this.user) chownSync(path, this.user.uid, this.user.gid);
  }
}
