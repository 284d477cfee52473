/**
 * Describes a recorded start as JSON data: durations, the critical chain and the slack of each component. The writers in
 * `timeline/` depend only on this data.
 */
import type { ComponentNode, LifecycleEvent, Plan } from '@asphalt/core';
import { printable } from '../terminal/printable.ts';
import { chainOf, totalOf } from './chain.ts';
import { criticalPath, lengthOf, slackOf, whatIf } from './critical-path.ts';
import { stepName } from './names.ts';
import { spansOf, type Span } from './spans.ts';

/** All times are in milliseconds. Those that end with `At` are relative to the beginning of the start. */
export interface Timeline {
  readonly total: number;
  /** In the order of declaration. */
  readonly components: readonly ComponentTiming[];
  /** The links that determined the duration of the start. Each one waited for the previous one. */
  readonly chain: readonly LinkTiming[];
  /** The work of the components, ordered by start time. */
  readonly spans: readonly SpanTiming[];
}

export interface ComponentTiming {
  /** Empty for the root. */
  readonly path: string;
  readonly type: string;
  readonly beganAt: number;
  readonly endedAt: number;
  /** The time for which it was working, without waits. */
  readonly own: number;
  /** The time by which it can be slower without a longer start. */
  readonly slack: number;
  /** The time that the start would save if the component took half as long. */
  readonly halfSaves: number;
  /** The last text that it passed to `context.progress()`; safe for a terminal. */
  readonly progress?: string | undefined;
}

export interface LinkTiming {
  readonly path: string;
  /** Empty if the component was not needed but blocked the thread. */
  readonly steps: readonly string[];
  readonly time: number;
  /** The time for which all needs were met but the work had not started. */
  readonly delay: number;
}

export interface SpanTiming {
  readonly path: string;
  /** `construct`, `prepare`, `start`, `ready` or the member of a provider. */
  readonly step: string;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly isInChain: boolean;
  /** Indexes in this list of the spans that had to end before. Excludes the start of all components before `ready`. */
  readonly needs: readonly number[];
}

/** @param recording - the events of a successful start */
export function timelineOf(plan: Plan, recording: readonly LifecycleEvent[]): Timeline {
  const spans = spansOf(plan, recording);
  const chain = chainOf(plan, spans);
  return {
    total: totalOf(recording),
    components: componentTimings(plan, spans, lastProgress(recording)),
    chain: chain.map(({ node, spans: own, ms, delayMs }) => ({
      path: node.path,
      steps: [...new Set(own.map((index) => stepName(plan, spans[index]!.step!)))],
      time: ms,
      delay: delayMs,
    })),
    spans: spanTimings(plan, spans, new Set(chain.flatMap((link) => link.spans))),
  };
}

/** Returns the name of a component in texts and drawings: its path; for the root, its class. */
export function nameIn({ components }: Timeline, path: string): string {
  return path === '' ? components[0]!.type : path;
}

/** Returns the last progress text of each component that reported one. */
function lastProgress(recording: readonly LifecycleEvent[]): ReadonlyMap<ComponentNode, string> {
  const texts = new Map<ComponentNode, string>();
  for (const event of recording)
    if (event.type === 'progress' && event.text !== undefined) texts.set(event.component, printable(event.text));
  return texts;
}

function componentTimings(
  { components }: Plan,
  spans: readonly Span[],
  progress: ReadonlyMap<ComponentNode, string>,
): ComponentTiming[] {
  const length = lengthOf(spans);
  const slack = slackOf(spans);
  const lengthIf = whatIf(spans);
  const decisive = decisiveIn(spans);
  const indexesOf: number[][] = components.map(() => []);
  spans.forEach(({ component }, index) => {
    if (component !== undefined) indexesOf[component]!.push(index);
  });
  const timings = components.map(({ node }, component) => {
    const indexes = indexesOf[component]!;
    const own = indexes.map((index) => spans[index]!);
    return {
      path: node.path,
      type: node.type.name,
      beganAt: Math.min(...own.map(({ began }) => began)),
      endedAt: Math.max(...own.map(({ ended }) => ended)),
      own: covered(own),
      slack: Math.min(...indexes.map((index) => slack[index]!)),
      // Less work outside of the critical path does not shorten it.
      halfSaves: decisive.has(component) ? length - lengthIf((other) => (other === component ? 0.5 : 1)) : 0,
      progress: progress.get(node),
    };
  });
  spans.forEach(({ blockedBy }, index) => {
    for (const { component, ms } of blockedBy) {
      const timing = timings[component]!;
      // A component that mostly blocked the thread would delay others by any additional time.
      if (ms >= timing.own / 2) timing.slack = Math.min(timing.slack, slack[index]!);
    }
  });
  return timings;
}

/** Returns the components that are on the critical path or blocked a span of it. */
function decisiveIn(spans: readonly Span[]): Set<number> {
  const found = new Set<number>();
  for (const index of criticalPath(spans)) {
    const { component, blockedBy } = spans[index]!;
    if (component !== undefined) found.add(component);
    for (const blocker of blockedBy) found.add(blocker.component);
  }
  return found;
}

/** Returns the total time in which at least one of the spans was running. */
function covered(spans: readonly Span[]): number {
  let sum = 0;
  let until = 0;
  for (const { began, ended } of spans.toSorted((a, b) => a.began - b.began)) {
    sum += Math.max(0, ended - Math.max(began, until));
    until = Math.max(until, ended);
  }
  return sum;
}

function spanTimings(plan: Plan, spans: readonly Span[], chain: ReadonlySet<number>): SpanTiming[] {
  const shown = [...spans.keys()].filter((index) => spans[index]!.component !== undefined);
  const placeOf = new Map(shown.map((index, place) => [index, place]));
  return shown.map((index) => {
    const { component, step, began, ended, needs } = spans[index]!;
    return {
      path: plan.components[component!]!.node.path,
      step: stepName(plan, step!),
      beganAt: began,
      endedAt: ended,
      isInChain: chain.has(index),
      needs: needs.flatMap((need) => placeOf.get(need) ?? []),
    };
  });
}
