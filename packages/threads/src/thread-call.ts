/**
 * One call to a thread, from the moment it is made until its thread is free again: how it is told to end, and what its
 * caller hears. Which thread carries it out, and when, is the pool's business.
 */
import { MessageChannel, type MessagePort, type TransferListItem } from 'node:worker_threads';
import {
  ThreadCrashError,
  ThreadModuleError,
  ThreadTimeoutError,
  ThreadValueError,
  type CalledFunction,
} from './errors.ts';
import type { Abort, Aborts, Request, Response } from './messages.ts';
import type { ModuleFile } from './module-file.ts';
import type { CallOptions } from './thread-module.ts';
import { ThreadStream } from './thread-stream.ts';
import { recordThrown, reviveThrown, type ErrorClass, type Thrown } from './thrown.ts';
import { takeTransfers } from './transfer.ts';

export interface CallTerms extends CallOptions {
  readonly errors?: readonly ErrorClass[] | undefined;
  readonly graceMs: number;
  readonly pool: CallingPool;
}

/** What a call asks of its pool, and tells it. */
export interface CallingPool {
  /** Ends a thread whose call is wanted no more. */
  readonly endThread: (threadId: number) => void;
  /** The outcome is known. */
  readonly onEnd: (call: ThreadCall, hasWaited: boolean) => void;
  /** The thread can take the next call, or is gone; comes after the end, unless that came while the call ran. */
  readonly onFree: (call: ThreadCall) => void;
}

export interface Message {
  readonly request: Request;
  readonly transferList: TransferListItem[];
}

/** What a thread is to do. */
export interface Target {
  readonly called: CalledFunction;
  readonly file: ModuleFile;
  /** The name of the function to call; without, the module is only loaded. */
  readonly function?: string;
}

const none: readonly number[] = [];

export class ThreadCall {
  /** Rises from call to call of a pool. */
  readonly id: number;
  /** What the caller gets: the result, or a {@link ThreadStream}. */
  readonly outcome: Promise<unknown>;
  readonly #target: Target;
  readonly #args: readonly unknown[];
  readonly #terms: CallTerms;
  /** Where abort signals stand among the arguments. */
  readonly #positions: readonly number[];
  #undo: Array<() => void> | undefined;
  #message: Message | undefined;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #threadId: number | undefined;
  #stream: ThreadStream | undefined;
  /** Where abort signals among the arguments are told to the thread. */
  #aborts: MessagePort | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  #lastWords: { readonly error: unknown } | undefined;

  constructor(id: number, target: Target, args: readonly unknown[], terms: CallTerms) {
    this.id = id;
    this.#target = target;
    this.#args = args;
    this.#terms = terms;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const positions = signalPositions(args);
    this.#positions = positions;
    if (terms.abort) this.#onAbort(terms.abort, (reason) => this.end(reason));
    for (const position of positions) {
      const signal = args[position] as AbortSignal;
      this.#onAbort(signal, (reason) => this.#askToEnd(position, reason));
    }
    if (terms.timeoutMs !== undefined) this.#limit(terms.timeoutMs);
  }

  get called(): CalledFunction {
    return this.#target.called;
  }

  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** What the thread gets. It is made once: what is moved can be moved only once, and signals have one port. */
  get message(): Message {
    return (this.#message ??= this.#write());
  }

  /** Whatever comes of the message ends the call, and says that its thread is free. */
  await(response: Promise<Response>): void {
    // No async function: the thread that is free would wait for its promises.
    response.then(
      (received) => {
        this.#terms.pool.onFree(this);
        this.#receive(received);
      },
      async (error: unknown) => {
        if (this.#state !== 'ended') this.#fail(this.#broken(await this.#crash(error)));
        this.#terms.pool.onFree(this);
      },
    );
  }

  /** A thread is about to get the call. */
  begin(threadId: number): void {
    this.#state = 'running';
    this.#threadId = threadId;
  }

  #receive(response: Response): void {
    if ('thrown' in response) this.#fail(this.#thrown(response.thrown));
    else if (this.#state === 'running') {
      this.#resolve(response.value);
      this.#release();
    }
  }

  /** The thread says, before it ends, which error it is that ends it. */
  lastWords(thrown: Thrown): void {
    this.#lastWords = { error: reviveThrown(thrown, this.#terms.errors) };
  }

  /** What ended the thread. Its last words can arrive one turn of the event loop after the news of its end. */
  async #crash(news: unknown): Promise<unknown> {
    for (let turns = 0; turns < 2 && !this.#lastWords; turns++) await new Promise(setImmediate);
    return this.#lastWords ? this.#lastWords.error : news;
  }

  /** The function turned out to give a stream, whose items come through `port`. */
  stream(port: MessagePort): void {
    this.#stream = new ThreadStream(port, ({ thrown }) => this.#thrown(thrown as Thrown));
    this.#resolve(this.#stream);
  }

  /** Ends the call now, and its thread if it runs already. */
  end(error: unknown): void {
    const isRunning = this.#state === 'running';
    this.#fail(error);
    if (isRunning) this.#terms.pool.endThread(this.#threadId!);
  }

  #fail(error: unknown): void {
    if (this.#state === 'ended') return;
    this.#reject(error);
    this.#stream?.fail(error);
    this.#release();
  }

  #release(): void {
    const hasWaited = this.#state === 'waiting';
    this.#state = 'ended';
    for (const undo of this.#undo ?? []) undo();
    this.#terms.pool.onEnd(this, hasWaited);
  }

  #write(): Message {
    const { file, function: name } = this.#target;
    const { loader } = file;
    const contextName = this.#terms.context?.name;
    const transferList = takeTransfers(this.#args);
    const aborts = this.#positions.length > 0 ? this.#tellOfAborts() : undefined;
    if (!loader && contextName === undefined && !aborts)
      return { request: [this.id, file.url, name, this.#args], transferList };
    const args = aborts ? this.#args.map((arg) => (arg instanceof AbortSignal ? undefined : arg)) : this.#args;
    if (aborts) transferList.push(aborts.port);
    return { request: [this.id, file.url, name, args, { loader, contextName, aborts }], transferList };
  }

  /** Has the thread make abort signals of its own, which hear through a port. */
  #tellOfAborts(): Aborts {
    const { port1, port2 } = new MessageChannel();
    this.#aborts = port1;
    (this.#undo ??= []).push(() => port1.close());
    return { positions: this.#positions, port: port2 };
  }

  #onAbort(signal: AbortSignal, react: (reason: unknown) => void): void {
    const listener = (): void => react(signal.reason);
    if (signal.aborted) return listener();
    signal.addEventListener('abort', listener);
    (this.#undo ??= []).push(() => signal.removeEventListener('abort', listener));
  }

  #limit(timeoutMs: number): void {
    const expire = (): void => this.end(new ThreadTimeoutError(this.called, timeoutMs, this.#state === 'running'));
    const timer = setTimeout(expire, timeoutMs);
    (this.#undo ??= []).push(() => clearTimeout(timer));
  }

  /** A function that knows of the signal may end by itself; one that has not begun need not begin. */
  #askToEnd(position: number, reason: unknown): void {
    if (this.#state !== 'running') return this.end(reason);
    this.#aborted = { reason };
    const abort: Abort = { position, reason: recordThrown(reason) };
    this.#aborts?.postMessage(abort);
    const timer = setTimeout(() => this.end(reason), this.#terms.graceMs);
    (this.#undo ??= []).push(() => clearTimeout(timer));
  }

  /** What the function threw, in this thread. Where that is the reason of a signal, the caller gets its own back. */
  #thrown(thrown: Thrown): unknown {
    const error = reviveThrown(thrown, this.#terms.errors);
    const aborted = this.#aborted;
    if (aborted && nameOf(error) === nameOf(aborted.reason)) return aborted.reason;
    const { file, function: name } = this.#target;
    return name === undefined ? ThreadModuleError.failed(file.url, error) : error;
  }

  /** Why there was no response. */
  #broken(error: unknown): unknown {
    if (nameOf(error) !== 'DataCloneError') return new ThreadCrashError(this.called, error);
    const position = this.#args.findIndex((arg) => !(arg instanceof AbortSignal) && !canBeCloned(arg));
    const what = position === -1 ? 'A result' : `Argument ${position + 1} of a call`;
    return new ThreadValueError(this.called, what, error);
  }
}

function signalPositions(args: readonly unknown[]): readonly number[] {
  if (!args.some((arg) => arg instanceof AbortSignal)) return none;
  return args.flatMap((arg, position) => (arg instanceof AbortSignal ? position : []));
}

function nameOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.name : thrown;
}

function canBeCloned(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
