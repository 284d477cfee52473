/** Runs the real command on a pseudo-terminal. A terminal emulator converts its output to the visible lines. */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import xterm from '@xterm/headless';
import { afterAll } from 'vitest';
import { asphaltCommand } from './asphalt-process.ts';

/** The reason why no pseudo-terminal is available; undefined if one is. */
export const noTerminal = /util-linux/.test(String(spawnSync('script', ['--version']).stdout))
  ? undefined
  : '`script` of util-linux is not installed';

const running = new Set<TerminalProcess>();

afterAll(() => {
  for (const process of running) process.close();
});

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export class TerminalProcess {
  /** The exit code. */
  readonly ended: Promise<number>;
  /** The raw output. */
  raw = '';
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #terminal: xterm.Terminal;

  constructor(folder: string, args: readonly string[], { columns, rows }: TerminalSize, env: Record<string, string>) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    const command = [process.execPath, asphaltCommand, ...args].map((word) => `'${word}'`).join(' ');
    const script = `stty rows ${rows} cols ${columns}; exec ${command}`;
    this.#process = spawn('script', ['--quiet', '--return', '--flush', '--command', script, '/dev/null'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    });
    running.add(this);
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.raw += text;
      this.#terminal.write(text);
    });
    this.ended = once(this.#process, 'close').then(([code]) => {
      running.delete(this);
      return code as number;
    });
  }

  /** Returns the current lines, including those that have scrolled out of view. */
  async lines(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    const { active } = this.#terminal.buffer;
    const lines: string[] = [];
    for (let index = 0; index < active.length; index++) {
      const row = active.getLine(index)!;
      if (row.isWrapped) lines.push(`${lines.pop()}${row.translateToString(true)}`);
      else lines.push(row.translateToString(true));
    }
    const last = lines.findLastIndex((line) => line !== '');
    return lines.slice(0, last + 1);
  }

  /** Waits until the lines fulfill a condition and returns them. */
  async until(isReached: (lines: readonly string[]) => boolean): Promise<string[]> {
    let hasEnded = false;
    const ended = this.ended.then(() => {
      hasEnded = true;
    });
    for (;;) {
      const next = once(this.#process.stdout, 'data');
      const lines = await this.lines();
      if (isReached(lines)) return lines;
      if (hasEnded) throw new Error(`The process ended with these lines:\n${lines.join('\n')}`);
      await Promise.race([next, ended]);
    }
  }

  /** Presses keys, such as `\x03` for Ctrl-C. */
  press(keys: string): this {
    this.#process.stdin.write(keys);
    return this;
  }

  /** Closes the terminal, like a user who closes its window. */
  close(): void {
    this.#process.kill('SIGKILL');
  }
}
