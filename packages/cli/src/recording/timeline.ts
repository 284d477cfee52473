/** What there is to say about a recorded start, as data that can be written as JSON. */
import type { LifecycleEvent, Plan } from '@asphalt/core';
import { chainOf, totalOf } from './chain.ts';
import { criticalPath, lengthOf, slackOf, whatIf } from './critical-path.ts';
import { stepName } from './names.ts';
import { stretchesOf, type Stretch } from './stretches.ts';

/** All times are milliseconds, and those of `…At` are counted from the beginning of the start. */
export interface Timeline {
  readonly total: number;
  /** In the order of declaration. */
  readonly components: readonly ComponentTiming[];
  /** What decided how long the start took: each link waited for the one before. */
  readonly chain: readonly LinkTiming[];
  /** What the components did, in the order in which it began. */
  readonly stretches: readonly StretchTiming[];
}

export interface ComponentTiming {
  /** Empty for the root. */
  readonly path: string;
  readonly type: string;
  readonly beganAt: number;
  readonly endedAt: number;
  /** How long it was at work, without what it waited for. */
  readonly own: number;
  /** How much longer it could have taken without the start taking longer. */
  readonly slack: number;
  /** How much shorter the start had been if the component had taken half as long. */
  readonly halfSaves: number;
}

export interface LinkTiming {
  readonly path: string;
  /** Empty where the component was not needed, but held the thread. */
  readonly steps: readonly string[];
  readonly time: number;
  /** How long it could have worked already and did not. */
  readonly delay: number;
}

export interface StretchTiming {
  readonly path: string;
  /** `construct`, `prepare`, `start`, `ready` or the member of a provider. */
  readonly step: string;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly isInChain: boolean;
  /** Places in this list of what had to end before. That all components have started before `ready` is left out. */
  readonly needs: readonly number[];
}

/** @param recording - the events of a start that came to its end */
export function timelineOf(plan: Plan, recording: readonly LifecycleEvent[]): Timeline {
  const stretches = stretchesOf(plan, recording);
  const chain = chainOf(plan, stretches);
  return {
    total: totalOf(recording),
    components: componentTimings(plan, stretches),
    chain: chain.map(({ node, stretches: own, ms, delayMs }) => ({
      path: node.path,
      steps: [...new Set(own.map((index) => stepName(plan, stretches[index]!.step!)))],
      time: ms,
      delay: delayMs,
    })),
    stretches: stretchTimings(plan, stretches, new Set(chain.flatMap((link) => link.stretches))),
  };
}

/** How texts and pictures call a component: by its path, and the root by its class. */
export function nameIn({ components }: Timeline, path: string): string {
  return path === '' ? components[0]!.type : path;
}

function componentTimings({ components }: Plan, stretches: readonly Stretch[]): ComponentTiming[] {
  const length = lengthOf(stretches);
  const slack = slackOf(stretches);
  const lengthIf = whatIf(stretches);
  const decisive = decisiveIn(stretches);
  const indexesOf: number[][] = components.map(() => []);
  stretches.forEach(({ component }, index) => {
    if (component !== undefined) indexesOf[component]!.push(index);
  });
  const timings = components.map(({ node }, component) => {
    const indexes = indexesOf[component]!;
    const own = indexes.map((index) => stretches[index]!);
    return {
      path: node.path,
      type: node.type.name,
      beganAt: Math.min(...own.map(({ began }) => began)),
      endedAt: Math.max(...own.map(({ ended }) => ended)),
      own: covered(own),
      slack: Math.min(...indexes.map((index) => slack[index]!)),
      // Whoever takes less beside the critical path leaves that as long as it is.
      halfSaves: decisive.has(component) ? length - lengthIf((other) => (other === component ? 0.5 : 1)) : 0,
    };
  });
  stretches.forEach(({ heldUpBy }, index) => {
    for (const { component, ms } of heldUpBy) {
      const timing = timings[component]!;
      // Whoever mostly held the thread would have held up others longer by whatever it took longer.
      if (ms >= timing.own / 2) timing.slack = Math.min(timing.slack, slack[index]!);
    }
  });
  return timings;
}

/** The components that are on the critical path, or held up what is. */
function decisiveIn(stretches: readonly Stretch[]): Set<number> {
  const found = new Set<number>();
  for (const index of criticalPath(stretches)) {
    const { component, heldUpBy } = stretches[index]!;
    if (component !== undefined) found.add(component);
    for (const held of heldUpBy) found.add(held.component);
  }
  return found;
}

/** The time in which at least one of the stretches was under way. */
function covered(stretches: readonly Stretch[]): number {
  let sum = 0;
  let until = 0;
  for (const { began, ended } of stretches.toSorted((a, b) => a.began - b.began)) {
    sum += Math.max(0, ended - Math.max(began, until));
    until = Math.max(until, ended);
  }
  return sum;
}

function stretchTimings(plan: Plan, stretches: readonly Stretch[], chain: ReadonlySet<number>): StretchTiming[] {
  const shown = [...stretches.keys()].filter((index) => stretches[index]!.component !== undefined);
  const placeOf = new Map(shown.map((index, place) => [index, place]));
  return shown.map((index) => {
    const { component, step, began, ended, needs } = stretches[index]!;
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
