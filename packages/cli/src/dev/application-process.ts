/** Runs an application under `asphalt dev` in a child process that uses the same terminal. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { packageFile } from '../terminal/package-files.ts';
import type { ApplicationArguments } from '../load/application-config.ts';
import { reportPipe, type ProcessReport } from './reports.ts';
import type { StandbyArguments } from './standby.ts';

/** Whether the process can stand by and report the files that it reads. On Deno and Bun, it only runs the application. */
export const canStandBy = !('deno' in process.versions || 'bun' in process.versions);

/** After this time, an application that hangs is killed. */
const stopLimitMs = 3_000;

export class ApplicationProcess {
  /** The exit code; after a signal, 128 plus its number, as in shells. */
  readonly ended: Promise<number>;
  /** Resolves when its modules are loaded, or when it ends earlier. */
  readonly loaded: Promise<unknown>;
  readonly #process: ChildProcess;
  readonly #createdAt = Date.now();
  /** The process reads these again when it starts, so a change does not outdate a process that stands by. */
  readonly #configuration: ReadonlySet<string>;
  readonly #files = new Set<string>();
  readonly #packages: Set<string>;

  /**
   * @param packages - files of package modules to load before the start
   * @param onFile - called with each file that the application consists of or looks for
   */
  constructor(args: ApplicationArguments, packages: ReadonlySet<string>, onFile: (file: string) => void) {
    this.#configuration = new Set([...args.files, ...args.envFiles].map((file) => resolve(file)));
    this.#packages = new Set(packages);
    this.#process = spawn(process.execPath, commandLine({ ...args, packages: [...packages] }), {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'ipc'],
    });
    this.ended = once(this.#process, 'close').then(([code, signal]) =>
      signal === null ? (code as number) : 128 + constants.signals[signal as NodeJS.Signals],
    );
    const reports = createInterface({ input: this.#process.stdio[reportPipe] as Readable });
    const loaded = new Promise<void>((resolveLoaded) => {
      reports.on('line', (line) => {
        const report = JSON.parse(line) as ProcessReport;
        if (report.kind === 'loaded') resolveLoaded();
        else if (report.kind === 'package') this.#packages.add(report.file);
        else {
          this.#files.add(report.file);
          onFile(report.file);
        }
      });
    });
    this.loaded = Promise.race([loaded, this.ended]);
  }

  /** The package modules that the application or its predecessors have imported. */
  get packages(): ReadonlySet<string> {
    return this.#packages;
  }

  /** Whether the process is running and everything that it loaded in advance is up to date. */
  isReady(changed: readonly string[]): boolean {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return false;
    const isOutdated = (file: string): boolean => this.#files.has(file) && !this.#configuration.has(file);
    // Checks `ctime` because the files of a reinstalled package keep their old time of modification.
    const isReplaced = (file: string): boolean =>
      (statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? Infinity) > this.#createdAt;
    return !changed.some(isOutdated) && ![...this.#packages].some(isReplaced);
  }

  /** Starts the application. Until then, its process stands by. */
  start(): void {
    // Ignores a send error: if the process has ended, `ended` reports it.
    if (canStandBy) this.#process.send('start', () => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Stops the application, and kills it after a time limit. @returns whether it was killed */
  async stop(): Promise<boolean> {
    let isKilled = false;
    const timer = setTimeout(() => {
      isKilled = true;
      this.#process.kill('SIGKILL');
    }, stopLimitMs);
    this.#process.kill('SIGTERM');
    await this.ended;
    clearTimeout(timer);
    return isKilled;
  }
}

function commandLine(args: StandbyArguments): string[] {
  // Threads inherit the import.
  const threadStart = pathToFileURL(packageFile('dist/dev/thread-start.js')).href;
  if (canStandBy) return ['--import', threadStart, packageFile('dist/dev/standby.js'), JSON.stringify(args)];
  const { files, set, envFiles, service } = args;
  const settings = [
    ...set.flatMap((value) => ['--set', value]),
    ...envFiles.flatMap((file) => ['--env-file', file]),
    ...(service === undefined ? [] : ['-s', service]),
  ];
  return [packageFile('bin/asphalt.js'), 'run', ...settings, '--', ...files];
}
