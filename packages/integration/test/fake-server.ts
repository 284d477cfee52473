import { defineConfig, type ConfigOf, type Context } from '@asphalt/core';
import { recordingLogger, type LogLine } from '@asphalt/test-support';
import { vi } from 'vitest';
import { endpoint, Link, serverOptions, type Connection, type LinkOwner } from '../src/index.ts';

export const kind = { scheme: 'fake', port: 7000, env: 'FAKE' } as const;

const schema = defineConfig(serverOptions(kind));
export type FakeConfig = ConfigOf<typeof schema>;

export const defaults: FakeConfig = {
  url: undefined,
  host: 'db',
  port: undefined,
  username: undefined,
  password: undefined,
  tls: undefined,
  connect: { timeout: 5000, for: 8000, minDelay: 100, maxDelay: 2000 },
  required: true,
  timeout: 2000,
  probe: 10_000,
  drain: 5000,
};

/** A server without a network. Its state decides how the next attempt or check ends. */
export class FakeServer implements Connection {
  state: 'up' | 'down' | 'frozen' | 'refuses' = 'up';
  /** The operations that the link has called. */
  readonly calls: string[] = [];
  closing: Promise<unknown> = Promise.resolve();
  checksLimitCalls = false;

  connect(): Promise<unknown> {
    return this.#respond('connect');
  }

  check(): Promise<unknown> {
    return this.#respond('check');
  }

  close(): Promise<unknown> {
    this.calls.push('close');
    return this.closing;
  }

  destroy(): void {
    this.calls.push('destroy');
  }

  reset(): void {
    this.calls.push('reset');
  }

  classify(error: unknown): 'permanent' | undefined {
    return (error as Error).message === 'wrong password' ? 'permanent' : undefined;
  }

  async #respond(operation: string): Promise<void> {
    this.calls.push(operation);
    if (this.state === 'down') throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    if (this.state === 'refuses') throw new Error('wrong password');
    if (this.state === 'frozen') await new Promise(() => undefined);
  }
}

/** A link to a fake server, with its log lines and events. */
export class FakeLink {
  readonly server = new FakeServer();
  readonly lines: LogLine[];
  readonly events: object[] = [];
  readonly progress: (string | undefined)[] = [];
  readonly abort = new AbortController();
  readonly link: Link;
  readonly #held: AsyncGenerator<string, void, unknown>;

  constructor(config: Partial<FakeConfig> = {}) {
    const { logger, lines } = recordingLogger();
    this.lines = lines;
    // The only method that a link calls.
    const context = { progress: (text: string | undefined) => void this.progress.push(text) } as Context;
    const owner: LinkOwner = { config: { ...defaults, ...config }, logger, context };
    this.link = new Link(owner, endpoint(owner.config, kind));
    this.link.lost.subscribe((event) => void this.events.push({ lost: event }));
    this.link.restored.subscribe((event) => void this.events.push({ restored: event }));
    this.#held = this.link.hold('client', this.server, this.abort.signal);
  }

  /** Starts to connect. The result resolves with the client. */
  open(): Promise<unknown> {
    const opened = this.#held.next().then(({ value }) => value);
    opened.catch(() => undefined);
    return opened;
  }

  /** Ends the generator, as the runtime does at the stop. */
  close(): Promise<unknown> {
    return this.#held.next();
  }

  /** The log lines as `level: message`. */
  get log(): string[] {
    return this.lines.map(({ level, message }) => `${level}: ${message}`);
  }

  get attempts(): number {
    return this.server.calls.filter((call) => call === 'connect').length;
  }
}

/** Advances the fake clock, and runs the promises that become ready. */
export async function advance(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}
