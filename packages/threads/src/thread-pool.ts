/** A pool of threads that carry out the functions of modules: how many calls it takes, and when it takes no more. */
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ThreadDrainError, ThreadPoolClosedError, ThreadPoolFullError, ThreadPoolOptionsError } from './errors.ts';
import { findModuleFile, type ModuleFile } from './module-file.ts';
import { ThreadCall, type CallingPool, type CallTerms, type Target } from './thread-call.ts';
import type { CallOptions, ThreadModule } from './thread-module.ts';
import { Threads } from './threads.ts';
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
  /** The calls that wait or have a thread, by their numbers. */
  readonly #calls = new Map<number, ThreadCall>();
  #lastId = 0;
  #threads: Promise<Threads> | undefined;
  /** The same when it is there: a call should not wait for a promise. There is no function to call before. */
  #opened: Threads | undefined;
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
    return Math.min(this.#calls.size, this.#settings.max);
  }

  /** How many calls wait for a thread. */
  get waiting(): number {
    return this.#calls.size - this.running;
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
    if (this.#closed) throw new ThreadPoolClosedError(called);
    const threads = await (this.#threads ??= this.#open());
    const names = (await this.#carryOut(threads, { called, file }, [], this.#terms(options))) as string[];
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
    const target = { called: { pool: this.#settings.name, label }, file, function: name };
    const under = (options: ModuleOptions) => {
      const terms = this.#terms(options);
      return (...args: unknown[]): object => iterable(this.#call(target, args, terms));
    };
    return Object.assign(under(common), { with: (options: CallOptions) => under({ ...common, ...options }) });
  }

  #terms(options: ModuleOptions): CallTerms {
    return { ...options, graceMs: this.#settings.graceMs, pool: this.#forCalls };
  }

  #call(target: Target, args: readonly unknown[], terms: CallTerms): Promise<unknown> {
    if (this.#closed) return Promise.reject(new ThreadPoolClosedError(target.called));
    return this.#carryOut(this.#opened!, target, args, terms);
  }

  #carryOut(threads: Threads, target: Target, args: readonly unknown[], terms: CallTerms): Promise<unknown> {
    const call = new ThreadCall(++this.#lastId, target, args, terms);
    if (!call.hasEnded && this.#hasRoomFor(call, threads)) {
      this.#calls.set(call.id, call);
      threads.give(call);
    }
    return call.outcome;
  }

  /** Where too many wait, one of them is refused, or the one that comes. */
  #hasRoomFor(call: ThreadCall, threads: Threads): boolean {
    const { max, queue, overflow } = this.#settings;
    if (this.#calls.size < max + queue) return true;
    // A call for which a thread has yet to start does not count as one that waits.
    const starting = max - (this.#calls.size - threads.waiting);
    const refused = (overflow === 'drop-oldest' && threads.waitingAt(starting)) || call;
    refused.end(new ThreadPoolFullError(refused.called, queue, this.running));
    return refused !== call;
  }

  readonly #forCalls: CallingPool = {
    endThread: (threadId) => this.#opened?.end(threadId),
    onFree: (call) => this.#calls.delete(call.id),
    onEnd: (call, hasWaited) => {
      if (hasWaited && this.#calls.delete(call.id)) this.#opened?.takeBack(call);
      if (this.#whenIdle && this.#isIdle()) this.#whenIdle();
    },
  };

  async #open(): Promise<Threads> {
    const { min, max, idleMs, onError } = this.#settings;
    this.#opened = await Threads.open({
      min,
      max,
      idleMs,
      onError,
      onMessage: (callId, message) => {
        const call = this.#calls.get(callId);
        if ('streamOf' in message) call?.stream(message.port);
        else call?.lastWords(message.thrown);
      },
    });
    return this.#opened;
  }

  async #drain(): Promise<void> {
    const { drainMs } = this.#settings;
    // A module that is to be loaded has become a call by then.
    const threads = await this.#threads;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
      timer = setTimeout(resolve, drainMs);
      if (this.#isIdle()) resolve();
    });
    clearTimeout(timer);
    for (const call of this.#calls.values()) call.end(new ThreadDrainError(call.called, drainMs));
    await threads?.close();
  }

  #isIdle(): boolean {
    return [...this.#calls.values()].every(({ hasEnded }) => hasEnded);
  }
}

/** The promise of a call, to be iterated at once where the function gives a stream. */
function iterable(outcome: Promise<unknown>): Promise<unknown> & AsyncIterable<unknown> {
  const both = outcome as Promise<unknown> & { [Symbol.asyncIterator]: typeof iterate };
  both[Symbol.asyncIterator] = iterate;
  return both;
}

/** A method of such promises, so that not each of them needs a function of its own. */
async function* iterate(this: Promise<unknown>): AsyncGenerator<unknown> {
  yield* (await this) as AsyncIterable<unknown>;
}
