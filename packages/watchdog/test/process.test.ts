/** Tests that need a watched process of their own. */
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

  constructor(act: 'idle' | 'rest' | 'hang' | 'block', args: readonly string[] = [], thresholdMs = 50) {
    const run = ['--conditions=source', ...args, '--import', 'tsx', program, act, String(thresholdMs)];
    this.process = spawn(process.execPath, run, { stdio: 'pipe', cwd: fileURLToPath(new URL('..', import.meta.url)) });
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
    onTestFinished(() => void this.process.kill('SIGKILL'));
  }

  async next<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the program has ended');
    return JSON.parse(value) as T;
  }

  /** Returns the next suspension. Skips other delays, which a busy machine can cause. */
  async suspension(): Promise<Delay> {
    for (;;) {
      const delay = await this.next<Delay>();
      if (delay.cause === 'suspension') return delay;
    }
  }
}

test.skipIf(process.platform === 'win32')('the delay of a suspended process has the cause "suspension"', async () => {
  const watched = new Watched('idle');
  await watched.next();
  let isReported = false;
  const delay = watched.suspension().finally(() => (isReported = true));
  // Suspend the process for increasing times until one counts as a delay on this machine.
  for (let suspendMs = 100; !isReported && suspendMs < 10_000; suspendMs *= 2) {
    watched.process.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, suspendMs));
    watched.process.kill('SIGCONT');
    await Promise.race([delay, new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  const { durationMs, suspendedMs } = await delay;
  expect(suspendedMs).toBeGreaterThan(durationMs);
});

test('the watching thread names code that never returns', async () => {
  const watched = new Watched('hang');
  let text = '';
  // On a busy machine, other delays can be reported first.
  for await (const chunk of watched.process.stderr!.setEncoding('utf8')) {
    text += String(chunk);
    if (text.includes('hang()')) break;
  }
  expect(text).toMatch(
    /^The event loop has been blocked for \d+\.\d s and still is:\n {4}hang\(\) at .*program\.ts:\d+\n/m,
  );
});

test('delays are measured if the runtime cannot read the stack of the main thread', async () => {
  const without = 'import { Session } from "node:inspector"; delete Session.prototype.connectToMainThread;';
  const watched = new Watched('block', ['--import', `data:text/javascript,${encodeURIComponent(without)}`]);
  expect(await watched.next()).toEqual({ namesCode: false });
  const { cause, place, durationMs } = await watched.next<Delay>();
  expect([cause, place]).toEqual(['unknown', undefined]);
  expect(durationMs).toBeGreaterThan(50);
});

test('the process can exit after the watchdog has stopped', async () => {
  const watched = new Watched('block');
  expect(await watched.next()).toEqual({ namesCode: true });
  const { cause, place } = await watched.next<Delay>();
  expect(cause).toBe('code');
  expect(place?.function).toMatch(/^(crunch|block)$/);
  expect(await once(watched.process, 'exit')).toEqual([0, null]);
});

test('a threshold of 100 days holds', async () => {
  const watched = new Watched('rest', [], 100 * 24 * 60 * 60 * 1000);
  let errors = '';
  watched.process.stderr!.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  const closed = once(watched.process, 'close');
  expect(await watched.next()).toEqual({ namesCode: true });
  await closed;
  expect(errors).toBe('');
});
