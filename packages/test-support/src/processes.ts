/**
 * Processes that tests kill and freeze at random moments. This file is an entry point of its own, because programs that run
 * without vitest use it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface FragileProcessOptions {
  /** The arguments of Node. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called when the process ends without a kill. */
  readonly onFailure: (error: Error) => void;
}

/** A Node process that can be killed and started again. */
export class FragileProcess {
  readonly #options: FragileProcessOptions;
  #child: ChildProcess | undefined;
  #isKilled = false;

  constructor(options: FragileProcessOptions) {
    this.#options = options;
  }

  start(): void {
    const { args, cwd, env, onFailure } = this.#options;
    // The channel ends with this process, and `exitWithParent` then ends the child.
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#isKilled = false;
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (!this.#isKilled) onFailure(new Error(`A process ended by itself, with ${signal ?? `code ${code}`}`));
    });
  }

  /** Kills the process (SIGKILL), also a frozen one. Resolves when it has ended. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.#isKilled = true;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Suspends the process (SIGSTOP). */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** Resumes the frozen process. */
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }
}

/** Ends this process when the one that started it has ended. */
export function exitWithParent(): void {
  process.once('disconnect', () => process.exit());
  if (process.connected === false) process.exit();
}

/** Returns a function that returns the same numbers from 0 to 1 for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
