/** What can only be seen from outside of the process that is watched. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Delay } from '../src/index.ts';

const program = fileURLToPath(new URL('./program.ts', import.meta.url));

class Watched {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(act: 'idle' | 'hang' | 'block', args: readonly string[] = []) {
    const run = ['--conditions=source', ...args, '--import', 'tsx', program, act];
    this.process = spawn(process.execPath, run, { stdio: 'pipe', cwd: fileURLToPath(new URL('..', import.meta.url)) });
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
    onTestFinished(() => void this.process.kill('SIGKILL'));
  }

  async next<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the program has ended');
    return JSON.parse(value) as T;
  }

  /** The next suspension; whatever else a busy machine delays is passed over. */
  async suspension(): Promise<Delay> {
    for (;;) {
      const delay = await this.next<Delay>();
      if (delay.cause === 'suspension') return delay;
    }
  }
}

test.skipIf(process.platform === 'win32')('a process that stands still is told apart from code', async () => {
  const watched = new Watched('idle');
  await watched.next();
  let isTold = false;
  const delay = watched.suspension().finally(() => (isTold = true));
  // Each time for longer, until it counts as a delay on this machine.
  for (let stillMs = 100; !isTold && stillMs < 10_000; stillMs *= 2) {
    watched.process.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, stillMs));
    watched.process.kill('SIGCONT');
    await Promise.race([delay, new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  const { durationMs, suspendedMs } = await delay;
  expect(suspendedMs).toBeGreaterThan(durationMs);
});

test('code that never comes back is named by the watching thread', async () => {
  const watched = new Watched('hang');
  let text = '';
  // What else a busy machine delays is named as well, before.
  for await (const chunk of watched.process.stderr!.setEncoding('utf8')) {
    text += String(chunk);
    if (text.includes('hang()')) break;
  }
  expect(text).toMatch(
    /^The event loop has been blocked for \d+\.\d s and still is:\n {4}hang\(\) at .*program\.ts:\d+\n/m,
  );
});

test('where the runtime cannot look at the main thread, delays are measured', async () => {
  const without = 'import { Session } from "node:inspector"; delete Session.prototype.connectToMainThread;';
  const watched = new Watched('block', ['--import', `data:text/javascript,${encodeURIComponent(without)}`]);
  expect(await watched.next()).toEqual({ namesCode: false });
  const { cause, place, durationMs } = await watched.next<Delay>();
  expect([cause, place]).toEqual(['unknown', undefined]);
  expect(durationMs).toBeGreaterThan(50);
});

test('a watchdog that stops lets the process end', async () => {
  const watched = new Watched('block');
  expect(await watched.next()).toEqual({ namesCode: true });
  const { cause, place } = await watched.next<Delay>();
  expect(cause).toBe('code');
  expect(place?.function).toMatch(/^(crunch|block)$/);
  expect(await once(watched.process, 'exit')).toEqual([0, null]);
});
