/**
 * Converts the recorded events of a start into a graph of spans of work and the spans that had to end before them.
 * A step is one span. If it waited for a key with `getResource()`, its work before and after the wait are two spans.
 * The same applies to the work of a publisher before and after it publishes.
 */
import type { Key, LifecycleEvent, Plan } from '@asphalt/core';
import { readyOrder } from '@asphalt/core/inspect';

/** Times are in milliseconds, relative to the beginning of the start. */
export interface Span {
  /** Undefined for a join without work: the end of all starts, or the `ready` of a component without such a hook. */
  readonly component: number | undefined;
  /** The step's index in the plan. */
  readonly step: number | 'ready' | undefined;
  readonly began: number;
  ended: number;
  /** Indexes of the spans that had to end before this one. They precede it in the list. */
  readonly needs: readonly number[];
  /** The components that blocked the thread after the last of the needs had ended. */
  readonly blockedBy: readonly Blocker[];
}

export interface Blocker {
  readonly component: number;
  readonly ms: number;
}

/** In milliseconds. Shorter blocks are ignored, because nearly every step has one. */
const shortestBlocking = 1;

/** @param recording - the events of a successful start */
export function spansOf(plan: Plan, recording: readonly LifecycleEvent[]): Span[] {
  const builder = new SpanBuilder(plan);
  for (const event of recording) builder.take(event);
  return builder.finish();
}

/** Returns the end of the last of the given spans; 0 for an empty list. */
export function lastEnd(spans: readonly Span[], indexes: readonly number[]): number {
  return indexes.reduce((last, index) => Math.max(last, spans[index]!.ended), 0);
}

type EventOf<T extends LifecycleEvent['type']> = Extract<LifecycleEvent, { type: T }>;

/** The progress of a step. */
interface Progress {
  readonly component: number;
  /** The current span, or the last one if the step is waiting. */
  span: number;
  isRunning: boolean;
  /** The keys that the step waits for with `getResource()`. */
  missing: Key[];
  /** The spans that must end before the step continues; undefined for those of its plan. */
  needs: number[] | undefined;
}

/** A period in which the code of one component blocked the thread. */
interface Blocking {
  readonly component: number;
  readonly from: number;
  readonly to: number;
}

/** The start of a span. Without needs, it needs the spans of the steps that its step needs. */
interface SpanStart extends Pick<Span, 'component' | 'step' | 'began'> {
  readonly needs: readonly number[] | undefined;
}

/** A span that computes its needs and blockers when they are read: the summary of a start reads few of them. */
class RecordedSpan implements Span {
  readonly component: Span['component'];
  readonly step: Span['step'];
  readonly began: number;
  ended: number;
  readonly #recording: Pick<SpanBuilder, 'needsOf' | 'blockersOf'>;
  #needs: readonly number[] | undefined;
  #blockedBy: readonly Blocker[] | undefined;

  constructor({ component, step, began, needs }: SpanStart, recording: Pick<SpanBuilder, 'needsOf' | 'blockersOf'>) {
    this.component = component;
    this.step = step;
    this.began = began;
    this.ended = began;
    this.#needs = needs;
    this.#recording = recording;
  }

  get needs(): readonly number[] {
    return (this.#needs ??= this.#recording.needsOf(this.step as number));
  }

  get blockedBy(): readonly Blocker[] {
    return (this.#blockedBy ??= this.#recording.blockersOf(this));
  }
}

class SpanBuilder {
  readonly #plan: Plan;
  readonly #spans: RecordedSpan[] = [];
  /** By step. */
  readonly #steps: Array<Progress | undefined> = [];
  /** The start and end of each component's `ready` phase. */
  readonly #ready = new Map<number, { readonly began: number; ended: number }>();
  /** In chronological order. They do not overlap, because there is only one thread. */
  readonly #blockings: Blocking[] = [];
  /** The start of the current block. */
  #blockedSince: number | undefined;
  /** The spans that ended with the publication of a key by `addResource()`. */
  readonly #published = new Map<Key['id'], Map<string, number>>();
  #zero = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  take(event: LifecycleEvent): void {
    const at = event.at - this.#zero;
    if (event.type === 'application' && event.state === 'starting') this.#zero = event.at;
    else if (event.type === 'step') this.#takeStep(event, at);
    else if (event.type === 'waiting') this.#takeWaiting(event, at);
    else if (event.type === 'published') this.#takePublished(event, at);
    else if (event.type === 'found') this.#takeFound(event, at);
  }

  finish(): Span[] {
    if (this.#ready.size === 0) return this.#spans;
    const all = [...this.#spans.keys()];
    const meeting = all.length;
    const met = lastEnd(this.#spans, all);
    this.#add({ component: undefined, step: undefined, began: met, needs: all });
    const needs = readyOrder(this.#plan);
    const places: number[] = [];
    for (const component of inOrder(needs)) {
      places[component] = this.#spans.length;
      const before = needs[component]!.map((need) => places[need]!);
      const own = before.length > 0 ? before : [meeting];
      const due = lastEnd(this.#spans, own);
      const ready = this.#ready.get(component);
      if (ready) this.#add({ component, step: 'ready', began: ready.began, needs: own }).ended = ready.ended;
      else this.#add({ component: undefined, step: undefined, began: due, needs: own });
    }
    return this.#spans;
  }

  #takeStep({ component: { index }, step, state }: EventOf<'step'>, at: number): void {
    if (state === 'begun') this.#blockedSince = at;
    else if (this.#blockedSince !== undefined) {
      if (at - this.#blockedSince >= shortestBlocking)
        this.#blockings.push({ component: index, from: this.#blockedSince, to: at });
      this.#blockedSince = undefined;
    }
    if (step === 'ready') {
      if (state === 'begun') this.#ready.set(index, { began: at, ended: at });
      else if (state === 'ended') this.#ready.get(index)!.ended = at;
    } else if (state === 'begun') {
      const progress: Progress = { component: index, span: 0, isRunning: false, missing: [], needs: undefined };
      this.#steps[step] = progress;
      this.#resume(step, progress, at);
    } else if (state === 'ended') {
      const progress = this.#steps[step]!;
      // A step can end while it is still waiting.
      if (!progress.isRunning) this.#resume(step, progress, at);
      this.#pause(progress, at);
    }
  }

  #takeWaiting({ step, key }: EventOf<'waiting'>, at: number): void {
    const progress = step === undefined ? undefined : this.#steps[step];
    if (!progress) return;
    if (progress.isRunning) this.#pause(progress, at);
    progress.missing.push(key);
  }

  #takePublished({ step, keys }: EventOf<'published'>, at: number): void {
    const progress = step === undefined ? undefined : this.#steps[step];
    if (!progress?.isRunning) return;
    for (const { id, name } of keys) {
      const byName = this.#published.get(id) ?? new Map<string, number>();
      this.#published.set(id, byName.set(name, progress.span));
    }
    // Other steps need the work before the publication, but not the work after it.
    this.#pause(progress, at);
    this.#resume(step!, progress, at);
  }

  #takeFound({ step, key: { id, name }, publisher }: EventOf<'found'>, at: number): void {
    const progress = step === undefined ? undefined : this.#steps[step];
    if (!progress) return;
    const source =
      this.#published.get(id)?.get(name) ?? (publisher === undefined ? undefined : this.#steps[publisher]?.span);
    if (progress.isRunning) {
      // The step did not wait, but it could have, with a slower publisher or a faster step.
      if (source === undefined || source === progress.span) return;
      this.#pause(progress, at);
    }
    if (source !== undefined) progress.needs = [...(progress.needs ?? this.needsOf(step!)), source];
    progress.missing = progress.missing.filter((key) => key.id !== id || key.name !== name);
    if (progress.missing.length === 0) this.#resume(step!, progress, at);
  }

  #resume(step: number, progress: Progress, at: number): void {
    progress.span = this.#spans.length;
    progress.isRunning = true;
    this.#add({ component: progress.component, step, began: at, needs: progress.needs });
  }

  #pause(progress: Progress, at: number): void {
    this.#spans[progress.span]!.ended = at;
    progress.isRunning = false;
    progress.needs = [progress.span];
  }

  #add(start: SpanStart): RecordedSpan {
    const span = new RecordedSpan(start, this);
    this.#spans.push(span);
    return span;
  }

  needsOf(step: number): readonly number[] {
    return this.#plan.steps[step]!.needs.map((need) => this.#steps[need]!.span);
  }

  blockersOf({ began, needs }: Span): readonly Blocker[] {
    return this.#blockersBetween(lastEnd(this.#spans, needs), began);
  }

  #blockersBetween(from: number, to: number): readonly Blocker[] {
    if (to - from < shortestBlocking) return noBlockers;
    const blockers: Blocker[] = [];
    for (let index = this.#blockings.length - 1; index >= 0 && this.#blockings[index]!.to > from; index--) {
      const blocking = this.#blockings[index]!;
      const ms = Math.min(blocking.to, to) - Math.max(blocking.from, from);
      if (ms >= shortestBlocking) blockers.push({ component: blocking.component, ms });
    }
    return blockers.reverse();
  }
}

const noBlockers: readonly Blocker[] = [];

/** Returns the nodes of a graph in topological order. */
function inOrder(needs: ReadonlyArray<readonly number[]>): number[] {
  const successors: number[][] = needs.map(() => []);
  const left = needs.map((each, node) => {
    for (const need of each) successors[need]!.push(node);
    return each.length;
  });
  const order = [...needs.keys()].filter((node) => left[node] === 0);
  for (const node of order)
    for (const successor of successors[node]!) if (--left[successor]! === 0) order.push(successor);
  return order;
}
