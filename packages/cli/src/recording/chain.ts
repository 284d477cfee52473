/** Computes the chain of components that determined the duration of a start, and summarizes it in one line. */
import type { ComponentNode, LifecycleEvent, Plan } from '@asphalt/core';
import { criticalPath } from './critical-path.ts';
import { componentName, durationText } from './names.ts';
import { lastEnd, spansOf, type Span } from './spans.ts';

/** The work of one component while the whole start waited for it. */
export interface ChainLink {
  readonly node: ComponentNode;
  /** Indexes of the spans; empty if the component only blocked the thread that the next one needed. */
  readonly spans: readonly number[];
  readonly ms: number;
  /** The time for which all needs were met but the work had not started, for any reason. */
  readonly delayMs: number;
}

/** Returns the links in chronological order. */
export function chainOf({ components }: Plan, spans: readonly Span[]): ChainLink[] {
  const links: ChainLink[] = [];
  for (const index of criticalPath(spans)) {
    const { component, began, ended, needs, blockedBy } = spans[index]!;
    let delayMs = began - lastEnd(spans, needs);
    for (const blocker of blockedBy) {
      delayMs -= blocker.ms;
      links.push({ node: components[blocker.component]!.node, spans: [], ms: blocker.ms, delayMs: 0 });
    }
    if (component !== undefined)
      links.push({ node: components[component]!.node, spans: [index], ms: ended - began, delayMs });
  }
  return joined(links);
}

/**
 * Summarizes a start, such as `7 components in 412 ms (sql 310 ms → web 90 ms)`. Includes links that took at least a
 * twentieth of the time.
 */
export function startSummary(plan: Plan, recording: readonly LifecycleEvent[]): string {
  const { length } = plan.components;
  const total = totalOf(recording);
  const least = Math.max(1, total / 20);
  // Most starts have no slow component. Skipping their spans saves 3 % of the time of `built`.
  const links = longestWork(plan, recording) < least ? [] : chainOf(plan, spansOf(plan, recording));
  const worth = links.filter(({ ms }) => ms >= least);
  const longest = new Set(worth.toSorted((a, b) => b.ms - a.ms).slice(0, mostLinks));
  const chain = joined(worth.filter((link) => longest.has(link))).map(
    ({ node, ms }) => `${componentName(node)} ${durationText(ms)}`,
  );
  const count = `${length} ${length === 1 ? 'component' : 'components'}`;
  return `${count} in ${durationText(total)}${chain.length > 0 ? ` (${chain.join(' → ')})` : ''}`;
}

/** Returns the longest time that the steps of one component took together. None of its links took longer. */
function longestWork({ components }: Plan, recording: readonly LifecycleEvent[]): number {
  const sums = new Float64Array(components.length);
  for (const event of recording) {
    if (event.type !== 'step' || event.state === 'pending') continue;
    sums[event.component.index]! += event.state === 'begun' ? -event.at : event.at;
  }
  return sums.reduce((longest, sum) => Math.max(longest, sum), 0);
}

/** The maximum number of links in the summary. */
const mostLinks = 5;

/** Returns the duration of the start in milliseconds. */
export function totalOf(recording: readonly LifecycleEvent[]): number {
  const at = (state: string): number =>
    recording.find((event) => event.type === 'application' && event.state === state)?.at ?? 0;
  return at('started') - at('starting');
}

/** Joins consecutive links of the same component. */
function joined(links: readonly ChainLink[]): ChainLink[] {
  const all: ChainLink[] = [];
  for (const link of links) {
    const last = all.at(-1);
    if (last?.node !== link.node) all.push(link);
    else {
      all[all.length - 1] = {
        node: link.node,
        spans: [...last.spans, ...link.spans],
        ms: last.ms + link.ms,
        delayMs: last.delayMs + link.delayMs,
      };
    }
  }
  return all;
}
