import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const repository = new URL('../../../../', import.meta.url);
const pathOf = (file: string): string => fileURLToPath(new URL(file, repository));
const startLimitMs = 15_000;

export interface ProcessOptions {
  /** Further configuration files. */
  readonly files?: readonly string[];
  /** Modules that are loaded first. */
  readonly imports?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The real command in a separate process, run from the sources. */
export class PagewatchProcess {
  /** The URL of the web page. */
  url = '';
  #output = '';
  readonly #process: ChildProcess;
  readonly #exited: Promise<number | NodeJS.Signals>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#exited = once(process, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    for (const stream of [process.stdout!, process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  /** The output so far. */
  get output(): string {
    return this.#output;
  }

  /** Stops the process as Ctrl-C does. @returns the exit code */
  async stop(): Promise<number | NodeJS.Signals> {
    this.#process.kill('SIGINT');
    return this.#exited;
  }

  /** Kills the process if it is still running. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  static async start(
    settings: Readonly<Record<string, string>>,
    options: ProcessOptions = {},
  ): Promise<PagewatchProcess> {
    const child = spawnCommand('run', settings, options);
    const started = new PagewatchProcess(child);
    await started.#untilStarted();
    return started;
  }

  /** Runs `asphalt check`. */
  static async check(
    settings: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number | NodeJS.Signals; readonly output: string }> {
    const checked = new PagewatchProcess(spawnCommand('check', settings));
    return { code: await checked.#exited, output: checked.output };
  }

  async #untilStarted(): Promise<void> {
    const listening = new Promise<void>((resolve) => {
      this.#process.stdout!.on('data', () => {
        const [, url] = /Listening on (http:\S+)/.exec(this.#output) ?? [];
        if (url === undefined || !this.#output.includes('Application started')) return;
        this.url = url;
        resolve();
      });
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, startLimitMs, `did not start within ${startLimitMs / 1000} s`);
    });
    const exited = this.#exited.then((code) => `ended with ${code} instead of starting`);
    const problem = await Promise.race([listening, late, exited]);
    clearTimeout(timer);
    if (problem === undefined) return;
    await this.kill();
    throw new Error(`asphalt run ${problem}:\n${this.#output}`);
  }
}

function spawnCommand(
  command: 'run' | 'check',
  settings: Readonly<Record<string, string>>,
  { files = [], imports = [], env = {} }: ProcessOptions = {},
): ChildProcess {
  const tsx = createRequire(new URL('packages/cli/package.json', repository)).resolve('tsx');
  const sets = Object.entries(settings).flatMap(([path, value]) => ['--set', `component.components.${path}=${value}`]);
  return spawn(
    process.execPath,
    [
      '--conditions=source',
      `--import=${pathToFileURL(tsx).href}`,
      ...imports.map((file) => `--import=${pathToFileURL(file).href}`),
      pathOf('apps/pagewatch/test/e2e/asphalt.mjs'),
      command,
      'asphalt.yaml',
      ...files,
      ...sets,
    ],
    {
      cwd: pathOf('apps/pagewatch'),
      // Packages that are loaded from their sources need the decorator settings of this file as well.
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        TSX_TSCONFIG_PATH: pathOf('tsconfig.base.json'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}
