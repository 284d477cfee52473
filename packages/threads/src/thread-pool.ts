/**
 * A pool of threads that run the functions of modules. It owns the pending calls, the limits of the queue and the drain. It
 * must not depend on piscina, which `threads.ts` wraps.
 */
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { callAfter, Context } from '@asphalt/core';
import { tracePoint, type CallTrace } from '@asphalt/core/tracing';
import {
  ThreadDrainError,
  ThreadPoolClosedError,
  ThreadPoolFullError,
  ThreadPoolOptionsError,
  ThreadRejectionError,
} from './errors.ts';
import { findModuleFile, type ModuleFile } from './module-file.ts';
import { ThreadCall, type CallingPool, type ThreadCallOptions, type Target } from './thread-call.ts';
import type { CallOptions, ThreadModule } from './thread-module.ts';
import { readStream, type StreamingCall } from './thread-stream.ts';
import { Workers } from './threads.ts';
import { reviveThrown, type ErrorClass } from './thrown.ts';

export interface ThreadPoolOptions {
  /** The name of the pool in messages. @default 'default' */
  readonly name?: string;
  /** Number of threads that an idle pool keeps after its first use. @default 0 */
  readonly min?: number;
  /** Maximum number of threads. @default one per processor */
  readonly max?: number | undefined;
  /** Time after which an idle thread above `min` is terminated, in milliseconds. @default 30_000 */
  readonly idleMs?: number;
  /** Maximum number of calls that wait for a thread. @default 1_000 */
  readonly queue?: number;
  /** The call that is refused when the queue is full: the new one or the one that has waited longest. @default 'drop-newest' */
  readonly overflow?: 'drop-newest' | 'drop-oldest';
  /**
   * Time limit for a function after an `AbortSignal` of its arguments fires, and for a generator after the reader leaves its
   * stream, in milliseconds. The thread is then terminated. @default 1_000
   */
  readonly graceMs?: number;
  /** Time limit for pending calls when the pool closes, in milliseconds. @default 10_000 */
  readonly drainMs?: number;
  /** Called with errors in threads that belong to no call. @default a warning of the process */
  readonly onError?: (error: unknown) => void;
}

/** Options for all calls to a module. */
export interface ModuleOptions extends CallOptions {
  /**
   * Error classes, recognized by their names. Errors of these classes and of JavaScript's own classes are instances of
   * their class on the main thread. Other errors are instances of their nearest known base class, with their own `name`.
   */
  readonly errors?: readonly ErrorClass[] | undefined;
}

/** The time after a call in which its thread reports rejections, unless it runs another call. */
const turnAfterMs = 50;

/** The time limit for the last reports of the threads when the pool closes. */
const longestTurnMs = 1_000;

const callPoint = tracePoint<CallTrace>('asphalt.call');

type Settings = Required<ThreadPoolOptions> & { readonly max: number };

export class ThreadPool {
  readonly #settings: Settings;
  /** The calls that wait or have a thread, by their ids. */
  readonly #calls = new Map<number, ThreadCall>();
  #lastId = 0;
  #threads: Promise<Workers> | undefined;
  /** The threads after they have opened. Set before `module` returns the first function. */
  #opened: Workers | undefined;
  #turnTimer: NodeJS.Timeout | undefined;
  /** Called when the pool is closed and all calls have ended. */
  #whenIdle: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** @throws {@link ThreadPoolOptionsError} when `min`, `max` or `queue` is too low */
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

  /** The number of running calls. */
  get running(): number {
    return Math.min(this.#calls.size, this.#settings.max);
  }

  /** The number of calls that wait for a thread. */
  get waiting(): number {
    return this.#calls.size - this.running;
  }

  /**
   * Loads a module in a thread and returns its functions, which run in the threads of the pool. Each thread loads the
   * module once, when it first runs one of its functions.
   *
   * @typeParam M - the module's type, `typeof import('./resize.ts')`
   * @param module - `new URL('./resize.ts', import.meta.url)`; in a compiled program, the `.js` file is loaded
   * @throws {@link ThreadModuleError} when the module does not exist or fails to load
   */
  async module<M>(module: URL | string, options: ModuleOptions = {}): Promise<ThreadModule<M>> {
    const file = findModuleFile(module);
    const name = basename(fileURLToPath(file.url));
    const called = { pool: this.#settings.name, label: `import of ${name}` };
    if (this.#closed) throw new ThreadPoolClosedError(called);
    const threads = await (this.#threads ??= this.#open());
    const names = (await this.#run(threads, { called, file }, [], this.#terms(options)).outcome) as string[];
    const functions = names.map((each) => [each, this.#function(file, each, `${each}() of ${name}`, options)] as const);
    return Object.freeze(Object.fromEntries(functions)) as ThreadModule<M>;
  }

  /**
   * Refuses further calls, waits until the pending ones have ended, and then ends the threads. Calls that take longer than
   * `drainMs` fail with a {@link ThreadDrainError}.
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

  #terms(options: ModuleOptions): ThreadCallOptions {
    return { ...options, graceMs: this.#settings.graceMs, pool: this.#forCalls };
  }

  #call(target: Target, args: readonly unknown[], terms: ThreadCallOptions): StreamingCall {
    if (!callPoint.observed) return this.#start(target, args, terms);
    const { pool, label } = target.called;
    const context = terms.context instanceof Context ? terms.context : undefined;
    let call!: StreamingCall;
    const outcome = callPoint.run({ kind: 'thread', target: pool, operation: label, context }, () => {
      call = this.#start(target, args, terms);
      return call.outcome;
    });
    return { outcome, leave: () => call.leave() };
  }

  #start(target: Target, args: readonly unknown[], terms: ThreadCallOptions): StreamingCall {
    if (this.#closed)
      return { outcome: Promise.reject(new ThreadPoolClosedError(target.called)), leave: () => undefined };
    return this.#run(this.#opened!, target, args, terms);
  }

  #run(threads: Workers, target: Target, args: readonly unknown[], terms: ThreadCallOptions): ThreadCall {
    const call = new ThreadCall(++this.#lastId, target, args, terms);
    if (!call.hasEnded && this.#hasRoomFor(call, threads)) {
      this.#calls.set(call.id, call);
      threads.give(call);
    }
    return call;
  }

  /** Refuses the new call or the oldest waiting one if the queue is full. @returns whether the new call is accepted */
  #hasRoomFor(call: ThreadCall, threads: Workers): boolean {
    const { max, queue, overflow } = this.#settings;
    if (this.#calls.size < max + queue) return true;
    // A call for which a thread is starting does not count as waiting.
    const starting = max - (this.#calls.size - threads.waiting);
    const refused = (overflow === 'drop-oldest' && threads.queued(starting)) || call;
    refused.end(new ThreadPoolFullError(refused.called, queue, this.running));
    return refused !== call;
  }

  readonly #forCalls: CallingPool = {
    endThread: (threadId) => this.#opened?.end(threadId),
    onFree: (call) => {
      this.#calls.delete(call.id);
      if (this.#calls.size === 0) this.#turnSoon();
    },
    onEnd: (call, hasWaited) => {
      if (hasWaited && this.#calls.delete(call.id)) this.#opened?.dequeue(call);
      if (this.#whenIdle && this.#isIdle()) this.#whenIdle();
    },
  };

  /** Lets the threads report errors of work that calls have left, because sleeping threads report nothing. */
  #turnSoon(): void {
    this.#turnTimer ??= setTimeout(() => {
      this.#turnTimer = undefined;
      if (this.#calls.size === 0 && !this.#closed) void this.#opened?.turn();
    }, turnAfterMs).unref();
  }

  async #open(): Promise<Workers> {
    const { min, max, idleMs, onError } = this.#settings;
    this.#opened = await Workers.open({
      min,
      max,
      idleMs,
      onError,
      onMessage: (message) => {
        if ('streamOf' in message) this.#calls.get(message.streamOf)?.stream(message.port);
        else if ('crashOf' in message) this.#calls.get(message.crashOf)?.crashReason(message.thrown);
        else onError(new ThreadRejectionError(this.#settings.name, message.rejectedIn, reviveThrown(message.thrown)));
      },
    });
    return this.#opened;
  }

  async #drain(): Promise<void> {
    const { drainMs } = this.#settings;
    // While the threads open, `module` has not yet created a call for a module. It has one after this await.
    const threads = await this.#threads;
    let cancel: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
      cancel = callAfter(drainMs, resolve);
      if (this.#isIdle()) resolve();
    });
    cancel?.();
    for (const call of this.#calls.values()) call.end(new ThreadDrainError(call.called, drainMs));
    clearTimeout(this.#turnTimer);
    // Work that a call has left can block its thread forever.
    const limit = delay(Math.min(drainMs, longestTurnMs), undefined, { ref: false });
    if (this.#calls.size === 0) await Promise.race([threads?.turn(), limit]);
    await threads?.close();
  }

  #isIdle(): boolean {
    return [...this.#calls.values()].every(({ hasEnded }) => hasEnded);
  }
}

/** Adds iteration to the promise of a call, for functions that return a stream. */
function iterable(call: StreamingCall): Promise<unknown> & AsyncIterable<unknown> {
  const both = call.outcome as Promise<unknown> & { [Symbol.asyncIterator]: () => AsyncIterator<unknown> };
  both[Symbol.asyncIterator] = () => readStream(call);
  return both;
}
