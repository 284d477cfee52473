/**
 * A private server: programs of the system with a folder of their own. It starts and signals the processes; the guardian
 * ends them and deletes the folder in every case. It knows no protocol: a `Recipe` describes each server as data.
 */

import type { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import { ServerStartError } from './errors.ts';
import { Guardian } from './guardian.ts';
import { Place, type Command } from './place.ts';
import { untilReady, type Probe } from './probe.ts';
import { processTree, runningOf, signalAll } from './process-tree.ts';
import { locate, type ServerProgram } from './programs.ts';
import type { Backend } from './test-server.ts';
import type { Target } from './wire-connection.ts';

/** How to set up and start a private server. */
export interface Recipe {
  /** Runs once, before the first start. */
  readonly prepare?: (place: Place) => Promise<void>;
  /** Runs before each start. */
  readonly launch: (place: Place) => Launch | Promise<Launch>;
}

/** One way to start a server. */
export interface Launch {
  /** The server, after the programs that it needs. */
  readonly commands: readonly Command[];
  readonly target: Target;
  readonly probe: Probe;
}

const startLimitMs = 60_000;
const portAttempts = 5;
const pollMs = 5;

export class LocalServer implements Backend {
  readonly #recipe: Recipe;
  readonly #place: Place;
  readonly #guardian: Guardian;
  #processes: readonly ChildProcess[] = [];
  #isPrepared = false;

  /** @throws {@link ServerMissingError} if the server is not installed */
  constructor(program: ServerProgram, recipe: Recipe) {
    this.#recipe = recipe;
    this.#place = new Place(program.name, locate(program));
    this.#guardian = new Guardian(this.#place.folder);
  }

  async start(): Promise<Target> {
    if (!this.#isPrepared) await this.#recipe.prepare?.(this.#place);
    this.#isPrepared = true;
    for (let attempt = 1; ; attempt++) {
      const launch = await this.#recipe.launch(this.#place);
      const problem = await this.#tryToStart(launch);
      if (problem === undefined) return launch.target;
      await this.kill();
      const output = this.#place.output();
      // Another program has taken the port since it was found.
      if (attempt < portAttempts && /address (already )?in use|eaddrinuse/i.test(output)) continue;
      throw new ServerStartError(this.#place.server, problem, output);
    }
  }

  async kill(): Promise<void> {
    const pids = this.#pids();
    const children = this.#processes.filter(({ pid }) => pid !== undefined);
    this.#processes = [];
    signalAll(pids, 'SIGKILL');
    // PostgreSQL does not start while its former process exists, and until Node has read its exit code, it does.
    while (runningOf(pids).length > 0 || children.some(isRunning))
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    this.#guardian.watch([]);
  }

  freeze(): void {
    signalAll(this.#pids(), 'SIGSTOP');
  }

  thaw(): void {
    signalAll(this.#pids(), 'SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.#guardian.finish();
  }

  /** Starts the programs and waits until the server is ready. @returns the problem if it is not */
  async #tryToStart({ commands, target, probe }: Launch): Promise<string | undefined> {
    this.#processes = this.#place.spawn(commands);
    this.#guardian.watch(this.#processes.flatMap(({ pid }) => pid ?? []));
    const failed = new AbortController();
    for (const [index, child] of this.#processes.entries()) {
      const name = basename(commands[index]!.path);
      child
        .on('error', ({ message }) => failed.abort(`${name} cannot run: ${message}`))
        .on('exit', (code, signal) => failed.abort(`${name} ended with ${signal ?? `exit code ${code}`}`))
        .unref();
    }
    const limit = setTimeout(() => failed.abort(`it was not ready after ${startLimitMs / 1000} s`), startLimitMs);
    await untilReady(target, probe, failed.signal);
    clearTimeout(limit);
    return failed.signal.aborted ? String(failed.signal.reason) : undefined;
  }

  #pids(): number[] {
    return this.#processes.filter(isRunning).flatMap(({ pid }) => (pid === undefined ? [] : processTree(pid)));
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
