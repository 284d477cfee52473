// Runs a program on a runtime, in its own process. No program outlives the test that started it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { root } from '../setup.mjs';

const running = new Set();

/** Kills the remaining programs of a test and waits for their exit. */
export async function endPrograms() {
  await Promise.all([...running].map((program) => program.kill()));
}

/** Returns the arguments that set a value of the configuration. */
export const set = (path, value) => ['--set', `${path}=${value}`];

/** Starts the `asphalt` command of this checkout in a folder of it. */
export function asphalt(runtime, folder, args, env) {
  return new Program(runtime, folder, [join(root, 'packages/cli/bin/asphalt.js'), ...args], env);
}

export class Program {
  stdout = '';
  stderr = '';
  #process;

  constructor({ command, args }, folder, programArgs, env = {}) {
    this.#process = spawn(command, [...args, ...programArgs], {
      cwd: resolve(root, folder),
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this);
    this.#process.stdout.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.#process.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    /** The exit code, or the signal that ended it. */
    this.ended = once(this.#process, 'close').then(([code, signal]) => {
      running.delete(this);
      return code ?? signal;
    });
  }

  /** Waits until standard output matches; fails if the program ends before. @returns the match */
  async until(pattern) {
    let hasEnded = false;
    const ended = this.ended.then(() => (hasEnded = true));
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      if (hasEnded)
        throw new Error(
          `The program ended with ${await this.ended} before ${pattern.source}:\n${this.stdout}${this.stderr}`,
        );
      await Promise.race([once(this.#process.stdout, 'data'), ended]);
    }
  }

  /** Sends SIGTERM. @returns the exit code */
  stop() {
    this.#process.kill('SIGTERM');
    return this.ended;
  }

  kill() {
    this.#process.kill('SIGKILL');
    return this.ended;
  }
}

/** Returns a port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
