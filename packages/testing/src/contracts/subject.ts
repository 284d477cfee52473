/** One integration under test: its server, its applications, and their log lines. */
import { Application, Component, component, type ComponentClass, type Logger } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { expect, onTestFinished, vi } from 'vitest';
import type { ContractLink, ContractServer, ServerContract } from './server-contract.ts';

/** Short limits, so that no test waits long. */
export const limits = {
  timeout: '300ms',
  probe: '200ms',
  drain: '500ms',
  connect: { timeout: '500ms', for: '1s', minDelay: '20ms', maxDelay: '100ms' },
};

export class Subject {
  readonly contract: ServerContract;
  readonly server: ContractServer;
  readonly lines: string[] = [];
  /** The texts of the progress of the start. */
  readonly progress: string[] = [];
  readonly #listeners = new Set<() => void>();

  private constructor(contract: ServerContract, server: ContractServer) {
    this.contract = contract;
    this.server = server;
  }

  /** Starts the server, and ends it when the test has finished. */
  static async create(contract: ServerContract, password?: string): Promise<Subject> {
    const server = await contract.server(password === undefined ? {} : { password });
    onTestFinished(async () => void (await server.stop()));
    return new Subject(contract, server);
  }

  /** The logged lines of a level. */
  of(level: string): string[] {
    return this.lines.filter((line) => line.startsWith(`${level}: `));
  }

  /** Resolves when a line has been logged. */
  async line(pattern: RegExp): Promise<void> {
    while (!this.lines.some((line) => pattern.test(line))) {
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  config(options: object = {}): Record<string, unknown> {
    return { url: this.server.url, ...limits, ...options };
  }

  /**
   * Starts an application with the integration.
   *
   * @param others - further components
   * @param configs - the options of further components
   */
  async start(
    options: object = {},
    others: Readonly<Record<string, ComponentClass>> = {},
    configs: object = {},
  ): Promise<Application> {
    const { component: type } = this.contract;
    @component({ components: { client: type, ...others } })
    class App extends Component {}
    const config = { components: { client: this.config(options), ...configs } };
    const app = new Application(await planApplication(App, { config }), { logger: this.#logger });
    app.lifecycle.subscribe((event) => {
      if (event.type === 'progress' && event.text !== undefined) this.progress.push(event.text);
    });
    await app.start();
    onTestFinished(() => app.stop());
    return app;
  }

  call(app: Application, text = 'hello', name?: string): Promise<string> {
    return this.contract.use.call(app.context, text, name);
  }

  link(app: Application, name?: string): ContractLink {
    return this.contract.use.link(app.context, name);
  }

  /** Resolves when the application reports a health. Reports are valid for a second. */
  async health(app: Application, status: string): Promise<void> {
    await vi.waitFor(async () => expect((await app.health()).status).toBe(status), { timeout: 10_000, interval: 50 });
  }

  /** Resolves when the link is up. */
  async up(app: Application): Promise<void> {
    await vi.waitFor(() => expect(this.link(app).state).toBe('up'), { timeout: 10_000, interval: 10 });
  }

  readonly #logger: Logger = {
    debug: () => undefined,
    info: (message) => this.#write('info', message),
    warn: (message, data) => this.#write('warn', message, data),
    error: (message, data) => this.#write('error', message, data),
    child: () => this.#logger,
  };

  #write(level: string, message: string, data?: object): void {
    this.lines.push(`${level}: ${message}${data === undefined ? '' : ` ${JSON.stringify(data)}`}`);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

/** A call that takes longer than this hangs. All limits of the tests are shorter. */
const hangsMs = 5000;

/** Returns the error of a call. Throws if the call succeeds or hangs. */
export async function failureOf(call: () => Promise<unknown>): Promise<Error> {
  let timer: NodeJS.Timeout | undefined;
  const hanging = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, hangsMs, 'hangs');
  });
  const outcome = await Promise.race([
    call().then(
      () => 'succeeded',
      (error: Error) => error,
    ),
    hanging,
  ]);
  clearTimeout(timer);
  if (typeof outcome === 'string') throw new Error(`expected a failure, but the call ${outcome}`);
  return outcome;
}

/** Returns the number of open connections and timers of this process. */
export function resources(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;
}

/** Resolves when this process has no more resources than before. Polls without timers, because they would count. */
export async function untilFreed(before: number): Promise<void> {
  const started = performance.now();
  while (resources() > before) {
    if (performance.now() - started > hangsMs) throw new Error(`resources: ${process.getActiveResourcesInfo().join()}`);
    await new Promise(setImmediate);
  }
}

/** Returns the text of an error with those of its causes. */
export function textOf(error: unknown): string {
  return error instanceof Error ? `${error.stack} ${error.message} ${textOf(error.cause)}` : '';
}
