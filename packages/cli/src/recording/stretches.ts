/**
 * What took place during a start, as a graph that can be calculated with: stretches of work, and which of them had to
 * end before which. A step is one stretch, unless it waited for a key by hand: what it did before and after are two,
 * and so are what the publisher did before and after it published.
 */
import { readyOrder, type Key, type LifecycleEvent, type Plan } from '@asphalt/core';

/** Times are milliseconds since the start began. */
export interface Stretch {
  /** Undefined where things only meet: when all have started, and in components that have nothing to do for `ready`. */
  readonly component: number | undefined;
  /** The step's index in the plan. */
  readonly step: number | 'ready' | undefined;
  readonly began: number;
  ended: number;
  /** The stretches that had to end before; they stand before this one in the list. */
  readonly needs: readonly number[];
  /** Whose code held the thread after the last of the needs had ended. */
  readonly heldUpBy: readonly Held[];
}

export interface Held {
  readonly component: number;
  readonly ms: number;
}

/** Who holds the thread for less than this is not noted, in milliseconds: it would be told of nearly everybody. */
const shortestHold = 1;

/** @param recording - the events of a start that came to its end */
export function stretchesOf(plan: Plan, recording: readonly LifecycleEvent[]): Stretch[] {
  const builder = new StretchBuilder(plan);
  for (const event of recording) builder.take(event);
  return builder.finish();
}

/** The end of the last of some stretches; 0 where there is none. */
export function lastEnd(stretches: readonly Stretch[], indexes: readonly number[]): number {
  return indexes.reduce((last, index) => Math.max(last, stretches[index]!.ended), 0);
}

type EventOf<T extends LifecycleEvent['type']> = Extract<LifecycleEvent, { type: T }>;

/** A step as far as it has got. */
interface Progress {
  readonly component: number;
  /** The stretch that is under way, or was the last one. */
  stretch: number;
  isAtWork: boolean;
  /** What it waits for by hand. */
  missing: Key[];
  /** The stretches that it needs to go on. */
  needs: number[];
}

/** A time in which the code of one component let nobody else run. */
interface Hold {
  readonly component: number;
  readonly from: number;
  readonly to: number;
}

class StretchBuilder {
  readonly #plan: Plan;
  readonly #stretches: Stretch[] = [];
  readonly #steps = new Map<number, Progress>();
  /** When the components began to be ready and when they were. */
  readonly #ready = new Map<number, { readonly began: number; ended: number }>();
  /** In the order of time; as there is one thread, they do not overlap. */
  readonly #holds: Hold[] = [];
  /** Since when the thread has been held. */
  #heldSince: number | undefined;
  /** The stretches at whose end keys were published by hand. */
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

  finish(): Stretch[] {
    const meeting = this.#stretches.length;
    const last = this.#notNeeded();
    const met = lastEnd(this.#stretches, last);
    this.#add({ component: undefined, step: undefined, began: met, ended: met, needs: last });
    const needs = readyOrder(this.#plan);
    const places: number[] = [];
    for (const component of inOrder(needs)) {
      places[component] = this.#stretches.length;
      const before = needs[component]!.map((need) => places[need]!);
      const own = before.length > 0 ? before : [meeting];
      const due = lastEnd(this.#stretches, own);
      const ready = this.#ready.get(component);
      if (ready) this.#add({ component, step: 'ready', ...ready, needs: own });
      else this.#add({ component: undefined, step: undefined, began: due, ended: due, needs: own });
    }
    return this.#stretches;
  }

  /** The stretches that no other one needs; all others have ended before. */
  #notNeeded(): number[] {
    const isNeeded = new Uint8Array(this.#stretches.length);
    for (const { needs } of this.#stretches) for (const need of needs) isNeeded[need] = 1;
    return [...this.#stretches.keys()].filter((index) => isNeeded[index] === 0);
  }

  #takeStep({ component: { index }, step, state }: EventOf<'step'>, at: number): void {
    if (state === 'begun') this.#heldSince = at;
    else if (this.#heldSince !== undefined) {
      if (at - this.#heldSince >= shortestHold) this.#holds.push({ component: index, from: this.#heldSince, to: at });
      this.#heldSince = undefined;
    }
    if (step === 'ready') {
      if (state === 'begun') this.#ready.set(index, { began: at, ended: at });
      else if (state === 'ended') this.#ready.get(index)!.ended = at;
    } else if (state === 'begun') {
      const needs = this.#plan.steps[step]!.needs.map((need) => this.#steps.get(need)!.stretch);
      const progress: Progress = { component: index, stretch: 0, isAtWork: false, missing: [], needs };
      this.#steps.set(step, progress);
      this.#goOn(step, progress, at);
    } else if (state === 'ended') {
      const progress = this.#steps.get(step)!;
      // It may end without what it waited for.
      if (!progress.isAtWork) this.#goOn(step, progress, at);
      this.#pause(progress, at);
    }
  }

  #takeWaiting({ step, key }: EventOf<'waiting'>, at: number): void {
    const progress = step === undefined ? undefined : this.#steps.get(step);
    if (!progress) return;
    if (progress.isAtWork) this.#pause(progress, at);
    progress.missing.push(key);
  }

  #takePublished({ step, keys }: EventOf<'published'>, at: number): void {
    const progress = step === undefined ? undefined : this.#steps.get(step);
    if (!progress?.isAtWork) return;
    for (const { id, name } of keys) {
      const byName = this.#published.get(id) ?? new Map<string, number>();
      this.#published.set(id, byName.set(name, progress.stretch));
    }
    // What it has done until now is needed by others, and what it goes on with is not.
    this.#pause(progress, at);
    this.#goOn(step!, progress, at);
  }

  #takeFound({ step, key: { id, name }, publisher }: EventOf<'found'>, at: number): void {
    const progress = step === undefined ? undefined : this.#steps.get(step);
    if (!progress) return;
    const source =
      this.#published.get(id)?.get(name) ?? (publisher === undefined ? undefined : this.#steps.get(publisher)?.stretch);
    if (progress.isAtWork) {
      // It had not to wait, but might have had, were the publisher slower or itself faster.
      if (source === undefined || source === progress.stretch) return;
      this.#pause(progress, at);
    }
    if (source !== undefined) progress.needs.push(source);
    progress.missing = progress.missing.filter((key) => key.id !== id || key.name !== name);
    if (progress.missing.length === 0) this.#goOn(step!, progress, at);
  }

  #goOn(step: number, progress: Progress, at: number): void {
    progress.stretch = this.#stretches.length;
    progress.isAtWork = true;
    this.#add({ component: progress.component, step, began: at, ended: at, needs: progress.needs });
  }

  #pause(progress: Progress, at: number): void {
    this.#stretches[progress.stretch]!.ended = at;
    progress.isAtWork = false;
    progress.needs = [progress.stretch];
  }

  #add(stretch: Omit<Stretch, 'heldUpBy'>): void {
    const due = lastEnd(this.#stretches, stretch.needs);
    this.#stretches.push({ ...stretch, heldUpBy: this.#heldBetween(due, stretch.began) });
  }

  #heldBetween(from: number, to: number): readonly Held[] {
    if (to - from < shortestHold) return noHolds;
    const held: Held[] = [];
    for (let index = this.#holds.length - 1; index >= 0 && this.#holds[index]!.to > from; index--) {
      const hold = this.#holds[index]!;
      const ms = Math.min(hold.to, to) - Math.max(hold.from, from);
      if (ms >= shortestHold) held.push({ component: hold.component, ms });
    }
    return held.reverse();
  }
}

const noHolds: readonly Held[] = [];

/** The nodes of a graph, each after those that it needs. */
function inOrder(needs: ReadonlyArray<readonly number[]>): number[] {
  const followers: number[][] = needs.map(() => []);
  const left = needs.map((each, node) => {
    for (const need of each) followers[need]!.push(node);
    return each.length;
  });
  const order = [...needs.keys()].filter((node) => left[node] === 0);
  for (const node of order) for (const follower of followers[node]!) if (--left[follower]! === 0) order.push(follower);
  return order;
}
