import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { builtForm } from '@asphalt/test-support';

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

/** The built application; undefined if the tests run the sources. */
export const built = builtForm('pagewatch');

/** The real application in a separate process, run by the command from the sources, or built. */
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

  /** Runs `asphalt check`. A built application, which has no such command, reports the same problems when it starts. */
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
  const sets = Object.entries(settings).flatMap(([path, value]) => ['--set', `component.components.${path}=${value}`]);
  const { PATH, HOME } = process.env;
  const options = { cwd: pathOf('apps/pagewatch'), stdio: ['ignore', 'pipe', 'pipe'] } satisfies SpawnOptions;
  if (built)
    return spawn(built.command, [...built.args, ...files, ...sets], { ...options, env: { PATH, HOME, ...env } });
  const tsx = createRequire(new URL('packages/cli/package.json', repository)).resolve('tsx');
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
    // Packages that are loaded from their sources need the decorator settings of this file as well.
    { ...options, env: { PATH, HOME, TSX_TSCONFIG_PATH: pathOf('tsconfig.base.json'), ...env } },
  );
}
