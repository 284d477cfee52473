/**
 * A pool of threads that carry out the functions of modules.
 *
 * Piscina starts the threads, ends them and talks to them. What waits for a thread stands here: the pool gives piscina
 * only as many calls as it has threads, so that it knows which calls have begun, and can refuse or end the others.
 */
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import {
  ThreadCrashError,
  ThreadDrainError,
  ThreadPoolClosedError,
  ThreadPoolFullError,
  ThreadPoolOptionsError,
} from './errors.ts';
import type { LastWords, StreamAnnouncement } from './messages.ts';
import { findModuleFile, typeScriptLoader, type ModuleFile } from './module-file.ts';
import { ThreadCall, type CallTerms, type Wanted } from './thread-call.ts';
import type { CallOptions, ThreadModule } from './thread-module.ts';
import type { ErrorClass } from './thrown.ts';

export interface ThreadPoolOptions {
  /** How messages call the pool. @default 'default' */
  readonly name?: string;
  /** How many threads stay when there is nothing to do, once the pool has been used. @default 0 */
  readonly min?: number;
  /** How many threads there are at most. @default one for each processor */
  readonly max?: number | undefined;
  /** How long a thread above `min` stays without work, in milliseconds. @default 30_000 */
  readonly idleMs?: number;
  /** How many calls may wait for a thread. @default 1_000 */
  readonly queue?: number;
  /** Which call is refused when the queue is full: the one that comes or the one that waits longest. @default 'drop-newest' */
  readonly overflow?: 'drop-newest' | 'drop-oldest';
  /** How long a function that got an `AbortSignal` may go on when that has fired, in milliseconds. @default 1_000 */
  readonly graceMs?: number;
  /** How long calls may go on when the pool is closed, in milliseconds. @default 10_000 */
  readonly drainMs?: number;
  /** Told of errors in threads that belong to no call. @default a warning of the process */
  readonly onError?: (error: unknown) => void;
}

/** Terms of all calls to a module. */
export interface ModuleOptions extends CallOptions {
  /**
   * Classes whose errors come back as instances of them, recognised by the class's name. Errors of the classes of the
   * language always do; others come back as the nearest class that is known, with their own `name`.
   */
  readonly errors?: readonly ErrorClass[] | undefined;
}

type Settings = Required<ThreadPoolOptions> & { readonly max: number };

export class ThreadPool {
  readonly #settings: Settings;
  readonly #waiting = new Set<ThreadCall>();
  readonly #running = new Map<number, ThreadCall>();
  #piscina: Promise<Piscina> | undefined;
  /** The same when it is there: a call that can begin at once should not wait for a promise. */
  #opened: Piscina | undefined;
  /** Called when the pool is closed and all calls have ended. */
  #whenIdle: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** @throws {@link ThreadPoolOptionsError} when the pool could never carry out a call. */
  constructor(options: ThreadPoolOptions = {}) {
    const { min = 0, max = Math.max(availableParallelism(), min), queue = 0, name = 'default' } = options;
    if (min < 0) throw new ThreadPoolOptionsError(name, 'min', min, 0);
    if (max < Math.max(min, 1)) throw new ThreadPoolOptionsError(name, 'max', max, Math.max(min, 1));
    if (queue < 0) throw new ThreadPoolOptionsError(name, 'queue', queue, 0);
    this.#settings = {
      name: 'default',
      min: 0,
      idleMs: 30_000,
      queue: 1_000,
      overflow: 'drop-newest',
      graceMs: 1_000,
      drainMs: 10_000,
      onError: (error) => process.emitWarning(error as Error),
      ...options,
      max,
    };
  }

  /** How many calls threads carry out. */
  get running(): number {
    return this.#running.size;
  }

  /** How many calls wait for a thread. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Loads a module in a thread and gives its functions, to be called from here. Each thread loads it when it first
   * carries out one of its functions, and keeps it.
   *
   * @typeParam M - the module's type, `typeof import('./resize.ts')`
   * @param module - `new URL('./resize.ts', import.meta.url)`; where the program was compiled, the `.js` file is meant
   * @throws {@link ThreadModuleError} when the module is not there or fails while it loads
   */
  async module<M>(module: URL | string, options: ModuleOptions = {}): Promise<ThreadModule<M>> {
    const file = findModuleFile(module);
    const name = basename(fileURLToPath(file.url));
    const called = { pool: this.#settings.name, label: `import of ${name}` };
    const names = (await this.#add({ called, file }, this.#terms(options))) as string[];
    const functions = names.map((each) => [each, this.#function(file, each, `${each}() of ${name}`, options)] as const);
    return Object.freeze(Object.fromEntries(functions)) as ThreadModule<M>;
  }

  /**
   * Refuses further calls and waits until those that were made have ended; then ends the threads. Calls that take longer
   * than `drainMs` are ended with a {@link ThreadDrainError}.
   */
  close(): Promise<void> {
    return (this.#closed ??= this.#drain());
  }

  #function(file: ModuleFile, name: string, label: string, common: ModuleOptions): object {
    const called = { pool: this.#settings.name, label };
    const under = (options: ModuleOptions) => {
      const terms = this.#terms(options);
      return (...args: unknown[]): object => iterable(this.#add({ called, file, function: { name, args } }, terms));
    };
    return Object.assign(under(common), { with: (options: CallOptions) => under({ ...common, ...options }) });
  }

  #terms(options: ModuleOptions): CallTerms {
    return { ...options, graceMs: this.#settings.graceMs, onEnd: this.#ended };
  }

  #add(wanted: Wanted, terms: CallTerms): Promise<unknown> {
    const { max, queue, overflow } = this.#settings;
    if (this.#closed) return Promise.reject(new ThreadPoolClosedError(wanted.called));
    const call = new ThreadCall(wanted, terms);
    if (call.hasEnded) return call.outcome;
    if (this.#running.size < max) this.#run(call);
    else {
      this.#waiting.add(call);
      if (this.#waiting.size > queue) {
        const [oldest] = this.#waiting;
        const refused = overflow === 'drop-oldest' ? oldest! : call;
        this.#waiting.delete(refused);
        refused.end(new ThreadPoolFullError(refused.called, queue, this.#running.size));
      }
    }
    return call.outcome;
  }

  #run(call: ThreadCall): void {
    this.#running.set(call.id, call);
    if (this.#opened) return call.run(this.#opened, this.#freed);
    this.#piscina ??= this.#open();
    this.#piscina.then(
      (piscina) => call.run(piscina, this.#freed),
      (error: unknown) => {
        call.end(new ThreadCrashError(call.called, error));
        this.#freed(call);
      },
    );
  }

  /** The thread that carried a call out can take the next. */
  readonly #freed = (call: ThreadCall): void => {
    this.#running.delete(call.id);
    const [next] = this.#waiting;
    if (!next) return;
    this.#waiting.delete(next);
    this.#run(next);
  };

  readonly #ended = (call: ThreadCall): void => {
    this.#waiting.delete(call);
    if (this.#whenIdle && this.#isIdle()) this.#whenIdle();
  };

  async #open(): Promise<Piscina> {
    const { min, max, idleMs, onError } = this.#settings;
    const { Piscina } = await import('piscina');
    const file = findModuleFile(new URL('./thread/run-request.ts', import.meta.url)).url;
    const piscina = new Piscina({
      filename: fileURLToPath(file),
      name: 'runRequest',
      minThreads: min,
      maxThreads: max,
      idleTimeout: idleMs,
      maxQueue: Infinity,
      // Nobody reads its histograms.
      recordTiming: false,
      ...(file.endsWith('.ts') && { execArgv: loaderArguments(file) }),
    });
    piscina.on('message', (message: StreamAnnouncement | LastWords) => {
      if ('streamOf' in message) this.#running.get(message.streamOf)?.stream(message.port);
      else this.#running.get(message.crashOf)?.lastWords(message.thrown);
    });
    piscina.on('error', (error: unknown) => {
      onError(error);
      // A thread that cannot start leaves what it was started for without an answer.
      if (piscina.threads.length === 0)
        for (const call of this.#running.values()) call.end(new ThreadCrashError(call.called, error));
    });
    this.#opened = piscina;
    return piscina;
  }

  async #drain(): Promise<void> {
    const { drainMs } = this.#settings;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
      timer = setTimeout(resolve, drainMs);
      if (this.#isIdle()) resolve();
    });
    clearTimeout(timer);
    for (const call of this.#calls()) call.end(new ThreadDrainError(call.called, drainMs));
    await (await this.#piscina)?.destroy();
  }

  #calls(): ThreadCall[] {
    return [...this.#running.values(), ...this.#waiting];
  }

  #isIdle(): boolean {
    return this.#calls().every(({ hasEnded }) => hasEnded);
  }
}

/** Teaches a thread TypeScript before it loads this package, which runs from its sources. */
function loaderArguments(file: string): string[] {
  const loader = typeScriptLoader(file);
  if (loader === undefined) return process.execArgv;
  const preload = `import { register } from ${JSON.stringify(loader)}; register();`;
  return [...process.execArgv, '--import', `data:text/javascript,${encodeURIComponent(preload)}`];
}

/** The promise of a call, to be iterated at once where the function gives a stream. */
function iterable(outcome: Promise<unknown>): Promise<unknown> & AsyncIterable<unknown> {
  return Object.assign(outcome, { [Symbol.asyncIterator]: iterate });
}

/** A method of such promises, so that not each of them needs a function of its own. */
async function* iterate(this: Promise<unknown>): AsyncGenerator<unknown> {
  yield* (await this) as AsyncIterable<unknown>;
}
