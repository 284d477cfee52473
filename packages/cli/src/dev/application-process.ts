/** An application under `asphalt dev`: `asphalt run` in a process of its own, on the same terminal. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { packageFile } from '../package-files.ts';
import type { ApplicationArguments } from '../plan.ts';
import { reportPipe } from './report-pipe.ts';

const command = packageFile('bin/asphalt.js');
/** Whether the process can tell which modules it loads, and stand by; Deno and Bun just run the application. */
export const tellsModules = !('deno' in process.versions || 'bun' in process.versions);
const preload = tellsModules ? ['--import', pathToFileURL(packageFile('dist/dev/report-modules.js')).href] : [];

/** Whoever develops does not want to wait for what hangs. */
const patienceMs = 3_000;

export class ApplicationProcess {
  /** The exit code; as shells count where a signal ended it. */
  readonly ended: Promise<number>;
  readonly #process: ChildProcess;

  /** @param uses - is told each file that the application loads, or looks for */
  constructor({ files, set, service }: ApplicationArguments, uses: (file: string) => void) {
    const settings = [...set.flatMap((value) => ['--set', value]), ...(service === undefined ? [] : ['-s', service])];
    this.#process = spawn(process.execPath, [...preload, command, 'run', ...settings, '--', ...files], {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'],
    });
    const reports = this.#process.stdio[reportPipe] as Readable;
    createInterface({ input: reports }).on('line', uses);
    this.ended = once(this.#process, 'close').then(([code, signal]) =>
      signal === null ? (code as number) : 128 + constants.signals[signal as NodeJS.Signals],
    );
  }

  /** Lets the application start; until then, its process stands by. */
  begin(): void {
    if (tellsModules) this.#process.send('begin');
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** @returns whether it had to be killed */
  async stop(): Promise<boolean> {
    let isKilled = false;
    const timer = setTimeout(() => {
      isKilled = true;
      this.#process.kill('SIGKILL');
    }, patienceMs);
    this.#process.kill('SIGTERM');
    await this.ended;
    clearTimeout(timer);
    return isKilled;
  }
}
