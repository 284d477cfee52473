/**
 * One call to a thread, from its creation until its thread is free again. It owns the call's abort signals, time limit and
 * outcome. It must not depend on `ThreadPool`, which decides when and in which thread the call runs.
 */
import { MessageChannel, type MessagePort, type TransferListItem } from 'node:worker_threads';
import { callAfter } from '@asphalt/core';
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
import { emptyStream, ThreadStream, type StreamingCall } from './thread-stream.ts';
import { recordThrown, reviveThrown, type ErrorClass, type Thrown } from './thrown.ts';
import { takeTransfers } from './transfer.ts';

export interface ThreadCallOptions extends CallOptions {
  readonly errors?: readonly ErrorClass[] | undefined;
  readonly graceMs: number;
  readonly pool: CallingPool;
}

/** The functions of the pool that a call uses. */
export interface CallingPool {
  /** Terminates the thread of an aborted call. */
  readonly endThread: (threadId: number) => void;
  /** Called when the outcome of the call is known. */
  readonly onEnd: (call: ThreadCall, hasWaited: boolean) => void;
  /**
   * Called when the thread can take the next call or has ended. This happens before `onEnd` if the thread responded, else
   * after it.
   */
  readonly onFree: (call: ThreadCall) => void;
}

export interface Message {
  readonly request: Request;
  readonly transferList: TransferListItem[];
}

/** The function that a thread calls. */
export interface Target {
  readonly called: CalledFunction;
  readonly file: ModuleFile;
  /** The name of the function; without it, the thread only loads the module. */
  readonly function?: string;
}

const none: readonly number[] = [];

export class ThreadCall implements StreamingCall {
  /** Increases with each call of a pool. */
  readonly id: number;
  /** Resolves with the result or with a {@link ThreadStream}. */
  readonly outcome: Promise<unknown>;
  readonly #target: Target;
  readonly #args: readonly unknown[];
  readonly #terms: ThreadCallOptions;
  /** The positions of abort signals in the arguments. */
  readonly #positions: readonly number[];
  #undo: Array<() => void> | undefined;
  #message: Message | undefined;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #threadId: number | undefined;
  #stream: ThreadStream | undefined;
  /** Whether the reader of the stream needs no more items. */
  #isLeft = false;
  /** The port that reports abort signals of the arguments to the thread. */
  #aborts: MessagePort | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  #crashReason: { readonly error: unknown } | undefined;

  constructor(id: number, target: Target, args: readonly unknown[], terms: ThreadCallOptions) {
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

  /** The message to the thread. It is created once, because values can be moved only once and signals have one port. */
  get message(): Message {
    return (this.#message ??= this.#write());
  }

  /** Ends the call with the response or its failure, and reports its thread as free. */
  await(response: Promise<Response>): void {
    // Reports the free thread in the microtask that receives the response.
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

  /** Called when a thread is about to receive the call. */
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

  /** Called when the thread reports the error that is about to end it. */
  crashReason(thrown: Thrown): void {
    this.#crashReason = { error: reviveThrown(thrown, this.#terms.errors) };
  }

  /** Returns the error that ended the thread. Its report can arrive one turn of the event loop after `exitError`. */
  async #crash(exitError: unknown): Promise<unknown> {
    for (let turns = 0; turns < 2 && !this.#crashReason; turns++) await new Promise(setImmediate);
    return this.#crashReason ? this.#crashReason.error : exitError;
  }

  /** Called when the function returned a stream, whose items arrive at `port`. */
  stream(port: MessagePort): void {
    this.#stream = new ThreadStream(port, ({ thrown }) => this.#thrown(thrown as Thrown));
    this.#resolve(this.#stream);
    if (this.#isLeft) this.#stream.leave();
  }

  /**
   * Called when the reader of the stream needs no more items. Ends a waiting call. In a running call, the iterator must end
   * within `grace`, or its thread is terminated.
   */
  leave(): void {
    if (this.#isLeft || this.#state === 'ended') return;
    this.#isLeft = true;
    if (this.#state === 'waiting') return this.#abandon();
    this.#stream?.leave();
    this.#after(this.#terms.graceMs, () => {
      this.#abandon();
      this.#terms.pool.endThread(this.#threadId!);
    });
  }

  #abandon(): void {
    this.#resolve(emptyStream);
    this.#stream?.abandon();
    this.#release();
  }

  /** Ends the call with an error, and terminates its thread if the call is running. */
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
    const aborts = this.#positions.length > 0 ? this.#openAborts() : undefined;
    if (!loader && contextName === undefined && !aborts)
      return { request: [this.id, file.url, name, this.#args], transferList };
    const args = aborts ? this.#args.map((arg) => (arg instanceof AbortSignal ? undefined : arg)) : this.#args;
    if (aborts) transferList.push(aborts.port);
    return { request: [this.id, file.url, name, args, { loader, contextName, aborts }], transferList };
  }

  /** Opens the port through which the thread controls its own copies of the abort signals. */
  #openAborts(): Aborts {
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
    this.#after(timeoutMs, expire);
  }

  /** Ends a waiting call. Lets a running function end itself, and aborts the call if it does not end within `grace`. */
  #askToEnd(position: number, reason: unknown): void {
    if (this.#state !== 'running') return this.end(reason);
    this.#aborted = { reason };
    const abort: Abort = { position, reason: recordThrown(reason) };
    this.#aborts?.postMessage(abort);
    this.#after(this.#terms.graceMs, () => this.end(reason));
  }

  /** Calls a function after a time, unless the call ends first. */
  #after(delayMs: number, call: () => void): void {
    (this.#undo ??= []).push(callAfter(delayMs, call));
  }

  /** Revives the error that the function threw. If it is a copy of a signal's reason, returns the original reason. */
  #thrown(thrown: Thrown): unknown {
    const error = reviveThrown(thrown, this.#terms.errors);
    const aborted = this.#aborted;
    if (aborted && nameOf(error) === nameOf(aborted.reason)) return aborted.reason;
    const { file, function: name } = this.#target;
    return name === undefined ? ThreadModuleError.failed(file.url, error) : error;
  }

  /** Returns the error for a call without a response. */
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
