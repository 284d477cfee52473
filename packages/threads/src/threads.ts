/**
 * The threads of a pool. Piscina starts them, ends those that have nothing to do, and talks to them.
 *
 * All calls are given to piscina at once: only so can it hand a thread its next call within the message that brings the
 * result of the last one. What it does not do stands here. It does not tell which thread a call has, it ends no thread
 * without loss of the call that this may have got meanwhile, and when a thread is lost it starts none for those that wait.
 */
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import { CallQueue, type Task } from './call-queue.ts';
import { ThreadCrashError } from './errors.ts';
import type { LastWords, Request, Response, StreamAnnouncement } from './messages.ts';
import { findModuleFile, typeScriptLoader } from './module-file.ts';
import type { ThreadCall } from './thread-call.ts';

export interface ThreadsOptions {
  readonly min: number;
  readonly max: number;
  readonly idleMs: number;
  /** Told of errors in threads that belong to no call. */
  readonly onError: (error: unknown) => void;
  /** Told what a thread says of the call with this number. */
  readonly onMessage: (callId: number, message: StreamAnnouncement | LastWords) => void;
}

/** The key under which a task has the call that it is. */
type CallKey = typeof import('piscina').queueOptionsSymbol;
type Balancer = NonNullable<NonNullable<ConstructorParameters<typeof Piscina>[0]>['loadBalancer']>;
/** A thread as piscina offers it for a task. */
type Offer = Parameters<Balancer>[1][number];

export class Threads {
  readonly #piscina: Piscina;
  readonly #callKey: CallKey;
  readonly #queue = new CallQueue((task) => this.#callOf(task));
  /** The threads that have started, by their ids, with whether they may have calls. */
  readonly #started = new Map<number, boolean>();
  /** What last went wrong in a thread that had no call. */
  #lastError: unknown;

  static async open(options: ThreadsOptions): Promise<Threads> {
    const library = await import('piscina');
    return new Threads(library.Piscina, library.queueOptionsSymbol, options);
  }

  private constructor(PiscinaClass: typeof Piscina, callKey: CallKey, options: ThreadsOptions) {
    const { min, max, idleMs, onError, onMessage } = options;
    this.#callKey = callKey;
    const file = findModuleFile(new URL('./thread/run-request.ts', import.meta.url)).url;
    this.#piscina = new PiscinaClass({
      filename: fileURLToPath(file),
      name: 'runRequest',
      minThreads: min,
      maxThreads: max,
      idleTimeout: idleMs,
      taskQueue: this.#queue,
      // A call that finds no thread goes back to where it was.
      stricterFIFO: true,
      loadBalancer: (task, offers) => this.#choose(task, offers),
      // Nobody reads its histograms.
      recordTiming: false,
      ...(file.endsWith('.ts') && { execArgv: loaderArguments(file) }),
    });
    this.#piscina.on('workerCreate', ({ id }: Offer) => this.#started.set(id, true));
    // Piscina tells of it before it has done it.
    this.#piscina.on('workerDestroy', () => queueMicrotask(() => this.#replaceLost()));
    this.#piscina.on('error', (error: unknown) => {
      this.#lastError = error;
      onError(error);
    });
    this.#piscina.on('message', (message: StreamAnnouncement | LastWords) =>
      onMessage('streamOf' in message ? message.streamOf : message.crashOf, message),
    );
  }

  /** How many calls wait for a thread, or for one to start. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** The call that waits longest but for so many. */
  waitingAt(place: number): ThreadCall | undefined {
    return this.#queue.at(place);
  }

  /** Has a thread carry a call out, as soon as one has nothing else to do. */
  give(call: ThreadCall): void {
    const { request, transferList } = call.message;
    (request as Request & Record<CallKey, ThreadCall>)[this.#callKey] = call;
    try {
      call.await(this.#piscina.run(request, { transferList }) as Promise<Response>);
    } catch (error) {
      // A thread was to be started, and the system has none to give.
      call.end(new ThreadCrashError(call.called, error));
    }
  }

  /** @returns whether the call waited, and does so no more */
  takeBack(call: ThreadCall): boolean {
    return this.#queue.removeCall(call);
  }

  /** Ends a thread in the middle of its call. */
  end(threadId: number): void {
    // It gets no other call, even if it should come to the end of this one before it is gone.
    this.#started.set(threadId, false);
    void this.#piscina.threads.find((thread) => thread.threadId === threadId)?.terminate();
  }

  close(): Promise<void> {
    return this.#piscina.destroy();
  }

  /** The thread that carries a task out, if there is one: a thread that has started goes before one that still does. */
  #choose(task: Task, offers: readonly Offer[]): Offer | null {
    let chosen: Offer | undefined;
    for (const offer of offers) {
      const mayHaveCalls = this.#started.get(offer.id);
      if (mayHaveCalls === false || offer.currentUsage > 0) continue;
      chosen = offer;
      if (mayHaveCalls) break;
    }
    if (!chosen) return null;
    this.#callOf(task).begin(chosen.id);
    return chosen;
  }

  #callOf(task: Task): ThreadCall {
    return task[this.#callKey] as ThreadCall;
  }

  /** Piscina starts a thread when it gets a call, and only then: the call that is next is given to it once more. */
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
      // It ended before it had started, and the next one would do the same.
      const error = this.#lastError ?? new Error('it ended while it started');
      for (let call: ThreadCall | undefined = next; call; call = this.#queue.at(0)) {
        this.#queue.removeCall(call);
        call.end(new ThreadCrashError(call.called, error));
      }
    }
  }
}

/** Teaches a thread TypeScript before it loads this package, which runs from its sources. */
function loaderArguments(file: string): string[] {
  const loader = typeScriptLoader(file);
  if (loader === undefined) return process.execArgv;
  const preload = `import { register } from ${JSON.stringify(loader)}; register();`;
  return [...process.execArgv, '--import', `data:text/javascript,${encodeURIComponent(preload)}`];
}
