/**
 * Runs the real command as a process, with small applications in temporary folders. Uses the build instead of the
 * sources: users run the build, and another TypeScript loader would hide faults of the one that the command installs.
 * The type check before the tests creates the build.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { BuiltForm } from '@asphalt/test-support';
import { requireBuild } from '@asphalt/test-support/build';
import { afterAll, beforeAll } from 'vitest';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
export const asphaltCommand = join(repository, 'packages/cli/bin/asphalt.js');

/**
 * Checks the build before the tests and cleans up after them. Call it once in each file that starts processes.
 *
 * @param options.needsCommand - whether the tests run the command; built applications do not
 */
export function useAsphalt({ needsCommand = true } = {}): void {
  const packages = ['cli', 'web', 'sql', 'nats', 'redis', 'messaging'];
  if (needsCommand) beforeAll(() => requireBuild(...packages.map((name) => `packages/${name}`)));
  afterAll(() => {
    for (const process of running) process.kill('SIGKILL');
    // A test may have removed its folder.
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
    // The longer limit is needed because a folder can contain installed packages.
  }, 60_000);
}

const folders: string[] = [];
const running = new Set<ChildProcess>();

/** Creates a folder with an application: an ES module package with compiler settings and packages of this workspace. */
export function appWith(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'asphalt-cli-')));
  folders.push(folder);
  const defaults = {
    'package.json': '{ "type": "module" }',
    'tsconfig.json': '{ "extends": "@asphalt/core/tsconfig.json" }',
  };
  for (const [name, content] of Object.entries({ ...defaults, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  mkdirSync(join(folder, 'node_modules/@asphalt'), { recursive: true });
  for (const name of ['core', 'web', 'sql', 'nats', 'redis', 'messaging'])
    symlinkSync(join(repository, 'packages', name), join(folder, 'node_modules/@asphalt', name));
  return folder;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** An open file that replaces its standard output, which the test then cannot read. */
  readonly stdout?: number;
  /** The program to run in place of the command, such as `dist/main.js`. */
  readonly program?: string;
  /** The built application to run in place of the command. */
  readonly built?: BuiltForm | undefined;
  /** Has standard output be a pipe, like those of a shell, instead of the socket that Node makes. */
  readonly usesPipe?: boolean;
}

export class AsphaltProcess {
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcess;
  readonly #output: Readable | null;
  readonly #folder: string;
  #stdout = '';
  #stderr = '';

  constructor(folder: string, args: readonly string[], options: ProcessOptions = {}) {
    const { env = {}, stdout, program = asphaltCommand, usesPipe = false } = options;
    const { built = { command: process.execPath, args: [program] } } = options;
    this.#folder = folder;
    const pipe = usesPipe ? openPipe(folder) : undefined;
    this.#process = spawn(built.command, [...built.args, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', pipe?.writer ?? stdout ?? 'pipe', 'pipe'],
    });
    if (pipe) closeSync(pipe.writer);
    this.#output = pipe?.reader ?? this.#process.stdout;
    running.add(this.#process);
    this.#output?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    const read = pipe && once(pipe.reader, 'close');
    this.ended = once(this.#process, 'close').then(async ([code, signal]) => {
      await read;
      running.delete(this.#process);
      return { code, signal, stdout: this.#neutral(this.#stdout), stderr: this.#neutral(this.#stderr) } as Ended;
    });
  }

  /** The standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** Waits until the process has printed a text. Throws if it ends before. */
  async until(text: string | RegExp): Promise<this> {
    const isPrinted = (): boolean => (typeof text === 'string' ? this.#stdout.includes(text) : text.test(this.#stdout));
    let hasEnded = false;
    const ended = this.ended.then(() => {
      hasEnded = true;
    });
    while (!isPrinted()) {
      if (hasEnded)
        throw new Error(`The process ended without printing "${String(text)}":\n${this.#stdout}${this.#stderr}`);
      await Promise.race([once(this.#output!, 'data'), ended]);
    }
    return this;
  }

  send(signal: NodeJS.Signals): this {
    this.#process.kill(signal);
    return this;
  }

  /** Stops reading standard output, like a pager that waits for a key. The pipe stays open. */
  stallOutput(): this {
    this.#output?.pause();
    return this;
  }

  /** Reads standard output again. */
  resumeOutput(): this {
    this.#output?.resume();
    return this;
  }

  /** Stops reading standard error. */
  stallErrors(): this {
    this.#process.stderr?.pause();
    return this;
  }

  /** The exit code or signal, also while output that the process has written is not read yet. */
  get exited(): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return Promise.resolve([exitCode, signalCode]);
    return once(this.#process, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  }

  /** Closes the output, like `head` after enough lines. */
  closeOutput(): this {
    this.#output?.destroy();
    return this;
  }

  /** Masks the parts that differ between runs: the folder, the times of log lines and the durations of the start. */
  #neutral(text: string): string {
    return text
      .replaceAll(this.#folder, '<app>')
      .replace(/^\d\d:\d\d:\d\d\.\d{3} /gm, '')
      .replace(/^(.* Application started: .* in ).*$/gm, '$1<time>');
  }
}

function openPipe(folder: string): { readonly reader: Socket; readonly writer: number } {
  const path = join(folder, `pipe-${randomUUID()}`);
  execFileSync('mkfifo', [path]);
  // A pipe that is opened for reading first must not wait for its writer.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, 'w');
  rmSync(path);
  return { reader: new Socket({ fd: reader, readable: true }), writer };
}

/** Starts `asphalt` with these arguments. */
export function start(folder: string, args: readonly string[], options?: ProcessOptions): AsphaltProcess {
  return new AsphaltProcess(folder, args, options);
}

/** Runs `asphalt` until it ends. */
export function asphalt(folder: string, args: readonly string[], options?: ProcessOptions): Promise<Ended> {
  return start(folder, args, options).ended;
}
