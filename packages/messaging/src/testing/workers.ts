/** Starts processes that handle messages or lead, for tests that kill and freeze them. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { TestBroker } from './broker.ts';

/** What a process does. */
export interface WorkerJob {
  readonly role: 'queue' | 'topic' | 'leader';
  readonly config: TestBroker['config'];
  /** The file to which each committed handler appends the value of its message. */
  readonly effects: string;
  /** Where the process kills itself: before the commit, or between the commit and the acknowledgement. */
  readonly killAt?: 'commit' | 'acknowledge';
  /** The number of messages before the kill. */
  readonly killAfter?: number;
  readonly leaseMs?: number;
  /** The time that a handler takes. */
  readonly workMs?: number;
}

/** The program of the processes. Sources use the one of the build, which starts in a fifth of the time. */
const worker = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/testing/worker.js' : 'worker.js', import.meta.url),
);

export type WorkerReport = 'ready' | { readonly token: number };

export class Workers {
  readonly effects: string;
  readonly #program: URL;
  readonly #broker: TestBroker;
  readonly #children = new Set<ChildProcess>();

  constructor(program: URL, broker: TestBroker) {
    this.#program = program;
    this.#broker = broker;
    const folder = mkdtempSync(join(tmpdir(), 'asphalt-workers-'));
    this.effects = join(folder, 'effects');
    writeFileSync(this.effects, '');
    onTestFinished(async () => {
      await Promise.all([...this.#children].map((child) => killed(child)));
      rmSync(folder, { recursive: true, force: true });
    });
  }

  /** Starts a process. Resolves when it is ready. */
  async start(
    job: Omit<WorkerJob, 'config' | 'effects'>,
    options: object = {},
    onToken: (token: number, child: ChildProcess) => void = () => undefined,
  ): Promise<ChildProcess> {
    const { config, engine } = this.#broker;
    const all: WorkerJob = {
      ...job,
      effects: this.effects,
      config: { ...config, [engine]: { ...config[engine], ...options } },
    };
    const child = fork(worker, [this.#program.href, JSON.stringify(all)], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#children.add(child);
    const exited = once(child, 'exit').then(() => this.#children.delete(child));
    const ready = new Promise<void>((resolve) => {
      child.on('message', (message: WorkerReport) => {
        if (message === 'ready') resolve();
        else onToken(message.token, child);
      });
    });
    await Promise.race([ready, exited.then(() => Promise.reject(new Error('the process ended before it was ready')))]);
    return child;
  }

  /** The values of the committed handlers, in their order. */
  committed(): string[] {
    return readFileSync(this.effects, 'utf8').split('\n').slice(0, -1);
  }
}

/** Kills a process. Resolves when it has ended. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
