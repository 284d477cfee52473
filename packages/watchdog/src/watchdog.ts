/**
 * The watchdog finds the code that blocks the event loop of the main thread.
 *
 * The main thread sends several heartbeats in every span that counts as a delay. If one is late, the watching thread
 * takes samples of the main thread's stack. When the main thread runs again, it combines these samples with the duration of
 * the delay and the time of garbage collections.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { Component, Signal, type Application } from '@asphalt/core';
import { describePlan } from '@asphalt/core/inspect';
import { blockingComponent, blockingPurpose, type KnownComponent } from './blocking-component.ts';
import { blockingPlace, relevantSamples } from './blocking-place.ts';
import { isOfNode, type Delay, type DelayCause, type DelayingComponent, type StackFrame } from './delay.ts';
import { GarbageCollections } from './garbage-collections.ts';
import { createHeartbeat, longestDelayMs, writeBeat } from './heartbeat.ts';
import type { Recovery, Sighting, WatchSettings } from './messages.ts';
import { RegisteredFunctions } from './registered-functions.ts';

export interface WatchdogOptions {
  /** How long the event loop must be blocked to count as a delay, in milliseconds. @default 100 */
  readonly thresholdMs?: number;
  /** The application whose components are named. Without it, a component is named only if its own method is on the stack. */
  readonly application?: Pick<Application, 'plan'>;
  /** The length at which an unfinished delay is written to standard error, in milliseconds. @default 10_000 */
  readonly stuckMs?: number;
}

const ownerSymbol = '@asphalt/watchdog/component';
/** More heartbeats would measure delays more exactly, but wake the main thread more often. */
const beatsPerThreshold = 3;

interface RuntimeSupport {
  readonly application: WatchdogOptions['application'];
  readonly functions: RegisteredFunctions;
  readonly namesCode: boolean;
  readonly hasDebugger: () => boolean;
}

export class Watchdog {
  /** Dispatches every delay after its end. */
  readonly delayed = new Signal<Delay>();
  /** Whether the runtime can read the stack of the main thread. If not, delays are measured but have no `place`. */
  readonly namesCode: boolean;
  readonly #worker: Worker;
  readonly #heartbeat;
  readonly #thresholdMs: number;
  readonly #beatMs: number;
  readonly #application: WatchdogOptions['application'];
  readonly #functions: RegisteredFunctions;
  readonly #collections = new GarbageCollections();
  readonly #counts = new Map<string, number>();
  readonly #awaited = new Map<number, (sighting: Sighting) => void>();
  readonly #reports = new Set<Promise<void>>();
  readonly #hasDebugger: () => boolean;
  readonly #timer: NodeJS.Timeout;
  #lastBeat = performance.now();
  #recoveries = 0;

  /** Starts a watchdog. Resolves when its watching thread has started. */
  static async start(options: WatchdogOptions = {}): Promise<Watchdog> {
    const { thresholdMs = 100, stuckMs = 10_000, application } = options;
    const heartbeat = createHeartbeat();
    const beatMs = Math.min(thresholdMs / beatsPerThreshold, longestDelayMs);
    const settings: WatchSettings = { heartbeat, thresholdMs, beatMs, stuckMs, ownerSymbol };
    writeBeat(heartbeat, performance.now(), false);
    const worker = startThread(settings);
    const { url, Session } = await import('node:inspector').catch(() => ({ url: () => undefined, Session: undefined }));
    const { canLook } = await new Promise<{ canLook: boolean }>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const namesCode = canLook && isMainThread;
    const functions = new RegisteredFunctions(namesCode ? Session : undefined);
    return new Watchdog(worker, settings, {
      application,
      functions,
      namesCode,
      hasDebugger: () => url() !== undefined,
    });
  }

  private constructor(
    worker: Worker,
    { heartbeat, thresholdMs, beatMs }: WatchSettings,
    { application, functions, namesCode, hasDebugger }: RuntimeSupport,
  ) {
    this.#worker = worker;
    this.#heartbeat = heartbeat;
    this.#thresholdMs = thresholdMs;
    this.#beatMs = beatMs;
    this.#application = application;
    this.#functions = functions;
    this.namesCode = namesCode;
    this.#hasDebugger = hasDebugger;
    installOwner();
    worker.unref();
    worker.on('message', (sighting: Sighting) => this.#awaited.get(sighting.id)?.(sighting));
    this.#timer = setInterval(() => this.#beat(), beatMs).unref();
    this.#beat();
  }

  /** Resolves when every delay up to this call has been dispatched. */
  async settled(): Promise<void> {
    this.#beat();
    while (this.#reports.size > 0) await Promise.all(this.#reports);
  }

  /** Dispatches the delays up to this call and stops the watchdog. */
  async stop(): Promise<void> {
    await this.settled();
    clearInterval(this.#timer);
    this.#collections.stop();
    await this.#worker.terminate();
  }

  /** Sends a heartbeat, and reports a delay if the last one was too long ago. */
  #beat(): void {
    const from = this.#lastBeat;
    const to = performance.now();
    const hasDebugger = this.#hasDebugger();
    this.#lastBeat = to;
    writeBeat(this.#heartbeat, to, hasDebugger);
    if (hasDebugger || to - from - this.#beatMs < this.#thresholdMs) return;
    const report = this.#report(from, to).finally(() => this.#reports.delete(report));
    this.#reports.add(report);
  }

  async #report(from: number, to: number): Promise<void> {
    const { samples, suspendedMs } = await this.#ask({ id: ++this.#recoveries, from, to });
    const durationMs = Math.max(0, to - from - this.#beatMs - suspendedMs);
    const garbageCollectionMs = this.#collections.between(from, to);
    // After a suspension, the samples show only code that ran when the process woke.
    const blocking = blockingPlace(
      durationMs < Math.max(this.#thresholdMs, suspendedMs) ? [] : relevantSamples(samples, from, to),
    );
    const { place, stack } = blocking;
    const registered = place ? await this.#functions.byPlace() : new Map<string, never>();
    const cause = this.#cause(durationMs, suspendedMs, garbageCollectionMs, place);
    this.delayed.dispatch({
      cause,
      durationMs,
      garbageCollectionMs,
      suspendedMs,
      place,
      stack,
      component: blockingComponent(blocking, this.#components(), registered),
      purpose: blockingPurpose(blocking, registered),
      count: this.#count(cause, place),
    });
  }

  #cause(
    durationMs: number,
    suspendedMs: number,
    garbageCollectionMs: number,
    place: StackFrame | undefined,
  ): DelayCause {
    if (durationMs < Math.max(this.#thresholdMs, suspendedMs)) return 'suspension';
    if (garbageCollectionMs > durationMs / 2) return 'garbage collection';
    return place ? 'code' : 'unknown';
  }

  async #ask(recovery: Recovery): Promise<Sighting> {
    const sighting = await new Promise<Sighting>((resolve) => {
      this.#awaited.set(recovery.id, resolve);
      // The process must not exit before the response arrives.
      this.#worker.ref();
      this.#worker.postMessage(recovery);
    });
    this.#awaited.delete(recovery.id);
    if (this.#awaited.size === 0) this.#worker.unref();
    return sighting;
  }

  #count(cause: DelayCause, place: StackFrame | undefined): number {
    const isNamed = cause === 'code' && place && !isOfNode(place);
    const key = isNamed ? `${place.function} ${place.file}` : cause;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }

  #components(): readonly KnownComponent[] {
    return this.#application ? describePlan(this.#application.plan).components : [];
  }
}

/**
 * Installs the global function that the watching thread evaluates in the frames of the main thread, to find the component
 * that is `this`.
 */
function installOwner(): void {
  const owner = (value: unknown): DelayingComponent | undefined =>
    value instanceof Component ? { path: value.path, type: value.constructor.name } : undefined;
  Object.assign(globalThis, { [Symbol.for(ownerSymbol)]: owner });
}

function startThread(settings: WatchSettings): Worker {
  const compiled = new URL('./thread/watch.js', import.meta.url);
  if (existsSync(compiled)) return new Worker(compiled, { workerData: settings });
  // This package runs from its sources, so the thread needs a TypeScript loader.
  const manifest = createRequire(import.meta.url).resolve('tsx/package.json');
  const loader = new URL('dist/esm/api/index.mjs', pathToFileURL(manifest)).href;
  const preload = `import { register } from ${JSON.stringify(loader)}; register();`;
  return new Worker(fileURLToPath(new URL('./thread/watch.ts', import.meta.url)), {
    workerData: settings,
    execArgv: [...process.execArgv, '--import', `data:text/javascript,${encodeURIComponent(preload)}`],
  });
}
