/** An application under `asphalt dev`: in a process of its own, on the same terminal. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { packageFile } from '../terminal/package-files.ts';
import type { ApplicationArguments } from '../load/plan.ts';
import { reportPipe, type Report } from './reports.ts';
import type { StandbyArguments } from './standby.ts';

/** Whether the process can tell which files it reads, and stand by; Deno and Bun just run the application. */
export const standsBy = !('deno' in process.versions || 'bun' in process.versions);

/** Whoever develops does not want to wait for what hangs. */
const patienceMs = 3_000;

export class ApplicationProcess {
  /** The exit code; as shells count where a signal ended it. */
  readonly ended: Promise<number>;
  /** Resolves when its modules have been loaded, or it has ended without. */
  readonly loaded: Promise<unknown>;
  readonly #process: ChildProcess;
  readonly #madeAt = Date.now();
  /** Read in its turn only, so that what it does before that cannot be out of date. */
  readonly #configuration: ReadonlySet<string>;
  readonly #files = new Set<string>();
  readonly #packages: Set<string>;

  /**
   * @param packages - modules of packages that it loads before its turn, by their files
   * @param uses - is told each file that the application consists of, or looks for
   */
  constructor(args: ApplicationArguments, packages: ReadonlySet<string>, uses: (file: string) => void) {
    this.#configuration = new Set(args.files.map((file) => resolve(file)));
    this.#packages = new Set(packages);
    this.#process = spawn(process.execPath, commandLine({ ...args, packages: [...packages] }), {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'],
    });
    this.ended = once(this.#process, 'close').then(([code, signal]) =>
      signal === null ? (code as number) : 128 + constants.signals[signal as NodeJS.Signals],
    );
    const reports = createInterface({ input: this.#process.stdio[reportPipe] as Readable });
    const told = new Promise<void>((tell) => {
      reports.on('line', (line) => {
        const report = JSON.parse(line) as Report;
        if (report.kind === 'loaded') tell();
        else if (report.kind === 'package') this.#packages.add(report.file);
        else {
          this.#files.add(report.file);
          uses(report.file);
        }
      });
    });
    this.loaded = Promise.race([told, this.ended]);
  }

  /** The modules of packages that the application has imported, or its predecessors. */
  get packages(): ReadonlySet<string> {
    return this.#packages;
  }

  /** Whether it is there, and nothing that it has loaded before its turn is out of date. */
  standsReady(changed: readonly string[]): boolean {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return false;
    const isOld = (file: string): boolean => this.#files.has(file) && !this.#configuration.has(file);
    // A package may have been installed anew; its files keep their old time of modification.
    const isReplaced = (file: string): boolean =>
      (statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? Infinity) > this.#madeAt;
    return !changed.some(isOld) && ![...this.#packages].some(isReplaced);
  }

  /** Lets the application start; until then, its process stands by. */
  begin(): void {
    // Where it is gone, its end tells so.
    if (standsBy) this.#process.send('begin', () => undefined);
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

function commandLine(args: StandbyArguments): string[] {
  if (standsBy) return [packageFile('dist/dev/standby.js'), JSON.stringify(args)];
  const { files, set, service } = args;
  const settings = [...set.flatMap((value) => ['--set', value]), ...(service === undefined ? [] : ['-s', service])];
  return [packageFile('bin/asphalt.js'), 'run', ...settings, '--', ...files];
}
