/**
 * One call to a thread, from the moment it is made until its thread is free again: how it is told to end, and what its
 * caller hears. Which thread carries it out, and when, is the pool's business.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import {
  ThreadCrashError,
  ThreadModuleError,
  ThreadTimeoutError,
  ThreadValueError,
  type CalledFunction,
} from './errors.ts';
import type { Abort, CallRequest, Request, Response } from './messages.ts';
import type { ModuleFile } from './module-file.ts';
import type { CallOptions } from './thread-module.ts';
import { ThreadStream } from './thread-stream.ts';
import { recordThrown, reviveThrown, type ErrorClass, type Thrown } from './thrown.ts';
import { takeTransfers } from './transfer.ts';

export interface CallTerms extends CallOptions {
  readonly errors?: readonly ErrorClass[] | undefined;
  readonly graceMs: number;
  /** Called when the outcome is known and the call needs its thread no more. */
  readonly onEnd: (call: ThreadCall) => void;
}

export interface Wanted {
  readonly called: CalledFunction;
  readonly file: ModuleFile;
  /** The function to call; without, the module is only loaded. */
  readonly function?: { readonly name: string; readonly args: readonly unknown[] };
}

let calls = 0;

const none: readonly number[] = [];

export class ThreadCall {
  readonly id = ++calls;
  readonly called: CalledFunction;
  /** What the caller gets: the result, or a {@link ThreadStream}. */
  readonly outcome: Promise<unknown>;
  readonly #wanted: Wanted;
  readonly #terms: CallTerms;
  /** Where abort signals stand among the arguments. */
  readonly #positions: readonly number[];
  #undo: Array<() => void> | undefined;
  /** There where something may end the thread before its time; an abortable task costs piscina more. */
  readonly #endThread: AbortController | undefined;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #stream: ThreadStream | undefined;
  /** Where abort signals among the arguments are told to the thread. */
  #aborts: MessagePort | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  #lastWords: { readonly error: unknown } | undefined;

  constructor(wanted: Wanted, terms: CallTerms) {
    this.called = wanted.called;
    this.#wanted = wanted;
    this.#terms = terms;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const positions = signalPositions(wanted.function?.args);
    this.#positions = positions;
    if (terms.abort || terms.timeoutMs !== undefined || positions.length > 0) this.#endThread = new AbortController();
    if (terms.abort) this.#onAbort(terms.abort, (reason) => this.end(reason));
    for (const position of positions) {
      const signal = wanted.function!.args[position] as AbortSignal;
      this.#onAbort(signal, (reason) => this.#askToEnd(position, reason));
    }
    if (terms.timeoutMs !== undefined) this.#limit(terms.timeoutMs);
  }

  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Has a thread carry the call out, and says when the thread is free again, whatever came of it. */
  run(piscina: Piscina, onFree: (call: ThreadCall) => void): void {
    if (this.#state === 'ended') return onFree(this);
    this.#state = 'running';
    const { request, transferList } = this.#request();
    const signal = this.#endThread?.signal;
    let response: Promise<Response>;
    try {
      response = piscina.run(request, signal ? { transferList, signal } : { transferList });
    } catch (error) {
      // A thread was to be started, and the system has none to give.
      response = Promise.reject(error);
    }
    // No async function: the thread that is free would wait for its promises.
    response.then(
      (received) => {
        onFree(this);
        this.#receive(received);
      },
      async (error: unknown) => {
        if (this.#state === 'running') this.#fail(this.#broken(await this.#crash(error)));
        onFree(this);
      },
    );
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
    this.#fail(error);
    this.#endThread?.abort();
  }

  #fail(error: unknown): void {
    if (this.#state === 'ended') return;
    this.#reject(error);
    this.#stream?.fail(error);
    this.#release();
  }

  #release(): void {
    this.#state = 'ended';
    for (const undo of this.#undo ?? []) undo();
    this.#terms.onEnd(this);
  }

  #request(): { request: Request; transferList: ReturnType<typeof takeTransfers> } {
    const { id } = this;
    const {
      file: { url: module, loader },
      function: wanted,
    } = this.#wanted;
    if (!wanted) return { request: { id, module, loader }, transferList: [] };
    const { name, args } = wanted;
    const transferList = takeTransfers(args);
    const call = { export: name, args, contextName: this.#terms.context?.name };
    const positions = this.#positions;
    if (positions.length === 0) return { request: { id, module, loader, call }, transferList };
    const { port1, port2 } = new MessageChannel();
    this.#aborts = port1;
    (this.#undo ??= []).push(() => port1.close());
    const sent: CallRequest = {
      ...call,
      args: args.map((arg, position) => (positions.includes(position) ? undefined : arg)),
      aborts: { positions, port: port2 },
    };
    return { request: { id, module, loader, call: sent }, transferList: [...transferList, port2] };
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
    return this.#wanted.function ? error : ThreadModuleError.failed(this.#wanted.file.url, error);
  }

  /** Why there was no response. */
  #broken(error: unknown): unknown {
    if (nameOf(error) !== 'DataCloneError') return new ThreadCrashError(this.called, error);
    const position = this.#wanted.function?.args.findIndex((arg) => !(arg instanceof AbortSignal) && !canBeCloned(arg));
    const what = position === undefined || position === -1 ? 'A result' : `Argument ${position + 1} of a call`;
    return new ThreadValueError(this.called, what, error);
  }
}

function signalPositions(args: readonly unknown[] = []): readonly number[] {
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
