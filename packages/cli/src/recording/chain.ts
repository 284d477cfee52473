/** The chain of components that a start took its time for, and how it is told in few words. */
import type { ComponentNode, LifecycleEvent, Plan } from '@asphalt/core';
import { criticalPath } from './critical-path.ts';
import { componentName, durationText } from './names.ts';
import { lastEnd, stretchesOf, type Stretch } from './stretches.ts';

/** What one component did while the whole start waited for it. */
export interface ChainLink {
  readonly node: ComponentNode;
  /** The stretches, by their place in the list; none where the component only held the thread that the next one needed. */
  readonly stretches: readonly number[];
  readonly ms: number;
  /** How long it could have worked already and did not, for whatever reason. */
  readonly delayMs: number;
}

/** From what began first to what ended last. */
export function chainOf({ components }: Plan, stretches: readonly Stretch[]): ChainLink[] {
  const links: ChainLink[] = [];
  for (const index of criticalPath(stretches)) {
    const { component, began, ended, needs, heldUpBy } = stretches[index]!;
    let delayMs = began - lastEnd(stretches, needs);
    for (const held of heldUpBy) {
      delayMs -= held.ms;
      links.push({ node: components[held.component]!.node, stretches: [], ms: held.ms, delayMs: 0 });
    }
    if (component !== undefined)
      links.push({ node: components[component]!.node, stretches: [index], ms: ended - began, delayMs });
  }
  return joined(links);
}

/** Such as `7 components in 412 ms (sql 310 ms → web 90 ms)`: links that took a twentieth of the time and more. */
export function startSummary(plan: Plan, recording: readonly LifecycleEvent[]): string {
  const { length } = plan.components;
  const total = totalOf(recording);
  const worth = chainOf(plan, stretchesOf(plan, recording)).filter(({ ms }) => ms >= Math.max(1, total / 20));
  const longest = new Set(worth.toSorted((a, b) => b.ms - a.ms).slice(0, mostLinks));
  const chain = joined(worth.filter((link) => longest.has(link))).map(
    ({ node, ms }) => `${componentName(node)} ${durationText(ms)}`,
  );
  const count = `${length} ${length === 1 ? 'component' : 'components'}`;
  return `${count} in ${durationText(total)}${chain.length > 0 ? ` (${chain.join(' → ')})` : ''}`;
}

/** How many links the line shows. */
const mostLinks = 5;

/** How long the start took, in milliseconds. */
export function totalOf(recording: readonly LifecycleEvent[]): number {
  const at = (state: string): number =>
    recording.find((event) => event.type === 'application' && event.state === state)?.at ?? 0;
  return at('started') - at('starting');
}

/** Makes one of links that follow each other and are of the same component. */
function joined(links: readonly ChainLink[]): ChainLink[] {
  const all: ChainLink[] = [];
  for (const link of links) {
    const last = all.at(-1);
    if (last?.node !== link.node) all.push(link);
    else {
      all[all.length - 1] = {
        node: link.node,
        stretches: [...last.stretches, ...link.stretches],
        ms: last.ms + link.ms,
        delayMs: last.delayMs + link.delayMs,
      };
    }
  }
  return all;
}
