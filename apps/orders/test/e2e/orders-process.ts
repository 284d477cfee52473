import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { builtForm } from '@asphalt/test-support';

/** The built command, and the folder in which it runs. */
export const asphalt = {
  command: fileURLToPath(new URL('../../../../packages/cli/bin/asphalt.js', import.meta.url)),
  folder: fileURLToPath(new URL('../../', import.meta.url)),
};
const startLimitMs = 120_000;
/** The built application, which contains `asphalt.yaml`. */
const built = builtForm('orders');

/** A process of the application, run by the `asphalt` command or built. */
export class OrdersProcess {
  readonly #process: ChildProcess;
  readonly #exited: Promise<number | NodeJS.Signals>;
  #output = '';

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#exited = once(process, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    for (const stream of [process.stdout!, process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  /** @param args - arguments of `asphalt run` */
  static launch(args: readonly string[], env: Readonly<Record<string, string>> = {}): OrdersProcess {
    const { command, args: first } = built ?? { command: process.execPath, args: [asphalt.command, 'run'] };
    const given = built ? args.filter((arg) => arg !== 'asphalt.yaml') : args;
    // A loaded machine may need more than the default limit.
    const limits = ['--set=startTimeout=110s', '--set=logging.format=pretty'];
    const child = spawn(command, [...first, ...given, ...limits], {
      cwd: asphalt.folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new OrdersProcess(child);
  }

  /** Waits until the application has started. Kills the process if it does not start. */
  async started(): Promise<this> {
    let timer: NodeJS.Timeout | undefined;
    const problem = await Promise.race([
      this.#printed('Application started'),
      new Promise<string>((resolve) => {
        timer = setTimeout(resolve, startLimitMs, `did not start within ${startLimitMs / 1000} s`);
      }),
      this.#exited.then((code) => `ended with ${code} instead of starting`),
    ]);
    clearTimeout(timer);
    if (problem === undefined) return this;
    await this.kill();
    throw new Error(`asphalt run ${problem}:\n${this.#output}`);
  }

  /** The output so far. */
  get output(): string {
    return this.#output;
  }

  /** The URL of the web server. */
  get url(): string {
    return /web: Listening on (http:\S+)/.exec(this.#output)![1]!;
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

  #printed(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#process.stdout!.on('data', () => this.#output.includes(text) && resolve());
    });
  }
}
