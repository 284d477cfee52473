/**
 * The threads of a pool. Piscina starts them, ends idle ones, and exchanges messages with them.
 *
 * All calls are passed to piscina immediately, so that a thread receives its next call in the turn in which it returns a
 * result. This file adds what piscina lacks. Piscina does not report which thread has a call. When it terminates a thread,
 * it loses a call that the thread has received in the meantime. When a thread is lost, piscina starts no other one for the
 * waiting calls.
 */
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import { CallQueue, type Task } from './call-queue.ts';
import { ThreadCrashError } from './errors.ts';
import type { Request, Response, ThreadMessage, TurnRequest } from './messages.ts';
import { findModuleFile, typeScriptLoader } from './module-file.ts';
import type { ThreadCall } from './thread-call.ts';

/** Longest delay of a timer in milliseconds, about 24.8 days. */
const longestDelayMs = 2 ** 31 - 1;

export interface ThreadsOptions {
  readonly min: number;
  readonly max: number;
  readonly idleMs: number;
  /** Called with errors in threads that belong to no call. */
  readonly onError: (error: unknown) => void;
  /** Called with the messages of the threads. */
  readonly onMessage: (message: ThreadMessage) => void;
}

/** The key under which a task holds its call. */
type CallKey = typeof import('piscina').queueOptionsSymbol;
type Balancer = NonNullable<NonNullable<ConstructorParameters<typeof Piscina>[0]>['loadBalancer']>;
/** A thread that piscina offers for a task. */
type Offer = Parameters<Balancer>[1][number];

/** The work of a task: a call, or a turn of the event loop of one thread. */
interface Assignment {
  readonly onlyThread?: number;
  /** Called when a thread is about to receive the task. */
  begin(threadId: number): void;
}

export class Workers {
  readonly #piscina: Piscina;
  readonly #callKey: CallKey;
  readonly #queue = new CallQueue((task) => this.#callOf(task));
  /** The threads that have started, by their ids. The value is whether they may receive calls. */
  readonly #started = new Map<number, boolean>();
  /** The threads that run a turn of their event loops. They can receive a call during it. */
  readonly #turning = new Set<number>();
  readonly #onError: (error: unknown) => void;
  /** The last error of a thread without a call. */
  #lastError: unknown;

  static async open(options: ThreadsOptions): Promise<Workers> {
    const library = await import('piscina');
    return new Workers(library.Piscina, library.queueOptionsSymbol, options);
  }

  private constructor(PiscinaClass: typeof Piscina, callKey: CallKey, options: ThreadsOptions) {
    const { min, max, idleMs, onError, onMessage } = options;
    this.#callKey = callKey;
    this.#onError = onError;
    const file = findModuleFile(new URL('./thread/run-request.ts', import.meta.url)).url;
    this.#piscina = new PiscinaClass({
      filename: fileURLToPath(file),
      name: 'runRequest',
      minThreads: min,
      maxThreads: max,
      // Piscina's timer would end every thread at once after a longer time.
      idleTimeout: idleMs > longestDelayMs ? Infinity : idleMs,
      taskQueue: this.#queue,
      // A call for which no thread is free keeps its place in the queue.
      stricterFIFO: true,
      loadBalancer: (task, offers) => this.#choose(task, offers),
      // Its histograms are not used.
      recordTiming: false,
      ...(file.endsWith('.ts') && { execArgv: loaderArguments(file) }),
    });
    this.#piscina.on('workerCreate', ({ id }: Offer) => this.#started.set(id, true));
    // Piscina emits the event before it removes the thread.
    this.#piscina.on('workerDestroy', () => queueMicrotask(() => this.#replaceLost()));
    this.#piscina.on('error', (error: unknown) => {
      this.#lastError = error;
      onError(error);
    });
    this.#piscina.on('message', onMessage);
  }

  /** The number of calls that wait for a thread to become free or to start. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Returns the waiting call at a place in the queue, from 0. */
  queued(place: number): ThreadCall | undefined {
    return this.#queue.at(place);
  }

  /** Runs a call as soon as a thread is free. */
  give(call: ThreadCall): void {
    const { request, transferList } = call.message;
    (request as Request & Record<CallKey, ThreadCall>)[this.#callKey] = call;
    try {
      call.await(this.#piscina.run(request, { transferList }) as Promise<Response>);
    } catch (error) {
      // The system could not start another thread.
      call.end(new ThreadCrashError(call.called, error));
    }
  }

  /** Removes a waiting call from the queue. @returns whether the call was waiting */
  dequeue(call: ThreadCall): boolean {
    return this.#queue.removeCall(call);
  }

  /** Terminates a thread during its call. */
  end(threadId: number): void {
    // The thread must not receive another call, even if it ends this one before it terminates.
    this.#started.set(threadId, false);
    this.#turning.delete(threadId);
    void this.#piscina.threads.find((thread) => thread.threadId === threadId)?.terminate();
  }

  /**
   * Lets all threads run a turn of their event loops, which sleeping threads do not. Call it only while no call waits or
   * runs.
   */
  async turn(): Promise<void> {
    const alive = this.#piscina.threads.filter(({ threadId }) => this.#started.get(threadId));
    await Promise.all(alive.map(({ threadId }) => this.#turn(threadId)));
  }

  async #turn(threadId: number): Promise<void> {
    const turn: Assignment = { onlyThread: threadId, begin: () => undefined };
    const request: TurnRequest = [];
    this.#turning.add(threadId);
    try {
      await this.#piscina.run(Object.assign(request, { [this.#callKey]: turn }));
    } catch (error) {
      // Work that a call left running has ended the thread, unless the pool did.
      if (this.#turning.has(threadId)) this.#onError(error);
    } finally {
      this.#turning.delete(threadId);
    }
  }

  close(): Promise<void> {
    this.#turning.clear();
    return this.#piscina.destroy();
  }

  /** Chooses a free thread for a task. Prefers a started thread to a starting one. */
  #choose(task: Task, offers: readonly Offer[]): Offer | null {
    const assignment = task[this.#callKey] as Assignment;
    let chosen: Offer | undefined;
    for (const offer of offers) {
      const mayHaveCalls = this.#started.get(offer.id);
      if (mayHaveCalls === false || offer.currentUsage > (this.#turning.has(offer.id) ? 1 : 0)) continue;
      if (assignment.onlyThread !== undefined && assignment.onlyThread !== offer.id) continue;
      chosen = offer;
      if (mayHaveCalls) break;
    }
    if (!chosen) return null;
    assignment.begin(chosen.id);
    return chosen;
  }

  #callOf(task: Task): ThreadCall {
    return task[this.#callKey] as ThreadCall;
  }

  /** Passes the next waiting call to piscina again, because piscina starts threads only when it receives a call. */
  #replaceLost(): void {
    const alive = new Set(this.#piscina.threads.map(({ threadId }) => threadId));
    const lost = [...this.#started.keys()].filter((id) => !alive.has(id));
    for (const id of lost) this.#started.delete(id);
    const next = this.#queue.at(0);
    if (!next) return;
    if (lost.length > 0) {
      this.#queue.removeCall(next);
      this.give(next);
    } else if (alive.size === 0) {
      // A thread ended before it had started, and the next one would do the same.
      const error = this.#lastError ?? new Error('the thread exited while it started');
      for (let call: ThreadCall | undefined = next; call; call = this.#queue.at(0)) {
        this.#queue.removeCall(call);
        call.end(new ThreadCrashError(call.called, error));
      }
    }
  }
}

/** Returns arguments that add TypeScript support to a thread, for this package running from its sources. */
function loaderArguments(file: string): string[] {
  const loader = typeScriptLoader(file);
  if (loader === undefined) return process.execArgv;
  const preload = `import { register } from ${JSON.stringify(loader)}; register();`;
  return [...process.execArgv, '--import', `data:text/javascript,${encodeURIComponent(preload)}`];
}
