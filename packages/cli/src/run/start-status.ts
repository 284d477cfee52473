/** How far the components of an application have got while it starts, as its life-cycle events tell. */
import type { ComponentNode, Key, LifecycleEvent, Plan } from '@asphalt/core';
import { groupBy } from '../draw/group-by.ts';
import { callName } from '../recording/names.ts';

export interface ComponentStatus {
  readonly node: ComponentNode;
  /** `waiting` where nothing of it is under way, but more is to come. */
  state: 'waiting' | 'working' | 'started' | 'failed';
  /** When it first did anything, as `performance.now()` counts. */
  beganAt: number | undefined;
  /** When what it did last ended. */
  endedAt: number | undefined;
  /** The steps that are under way, with the time at which they began. */
  readonly underWay: Map<number | 'ready', number>;
  /** The keys that its code waits for by hand. */
  missing: Key[];
}

export class StartStatus {
  readonly plan: Plan;
  readonly components: readonly ComponentStatus[];
  /** When the start began, as `performance.now()` counts. */
  beganAt = performance.now();
  readonly #ended = new Set<number>();
  /** The steps of each component; gathered when somebody asks. */
  #steps: ReadonlyMap<ComponentNode, readonly number[]> | undefined;

  constructor(plan: Plan) {
    this.plan = plan;
    this.components = plan.components.map(({ node }) => ({
      node,
      state: 'waiting',
      beganAt: undefined,
      endedAt: undefined,
      underWay: new Map(),
      missing: [],
    }));
  }

  take(event: LifecycleEvent): void {
    if (event.type === 'application') {
      if (event.state === 'starting') this.beganAt = event.at;
      return;
    }
    const component = this.components[event.component.index]!;
    switch (event.type) {
      case 'step':
        this.#takeStep(component, event);
        break;
      case 'waiting':
        component.missing.push(event.key);
        break;
      case 'found':
        component.missing = component.missing.filter(({ id, name }) => id !== event.key.id || name !== event.key.name);
        break;
      case 'component':
        if (event.state === 'failed') component.state = 'failed';
        break;
      case 'published':
        break;
    }
  }

  /** What the code of a component does now, such as `connect()`, and since when. */
  work({ underWay }: ComponentStatus): ReadonlyArray<{ readonly call: string; readonly since: number }> {
    return Array.from(underWay, ([step, since]) => ({ call: callName(this.plan, step), since }));
  }

  /**
   * The components that keep a component from going on: steps of theirs that its next one needs have not ended. Those
   * below it are left out, as every component starts after these.
   */
  blockersOf({ node }: ComponentStatus): ComponentNode[] {
    const blockers = new Set<ComponentNode>();
    for (const step of this.#stepsOf(node)) {
      if (this.#ended.has(step)) continue;
      for (const need of this.plan.steps[step]!.needs) {
        const { node: needed } = this.plan.steps[need]!;
        if (!this.#ended.has(need) && !isWithin(needed, node)) blockers.add(needed);
      }
      if (blockers.size > 0) break;
    }
    return [...blockers];
  }

  #takeStep(component: ComponentStatus, event: Extract<LifecycleEvent, { type: 'step' }>): void {
    const { step, state, at } = event;
    const { underWay, node } = component;
    if (state === 'begun') {
      component.beganAt ??= at;
      underWay.set(step, at);
    } else if (state === 'ended') {
      component.endedAt = at;
      underWay.delete(step);
      if (typeof step === 'number') this.#ended.add(step);
    }
    if (component.state === 'failed') return;
    const isLast = step === 'ready' || this.#ended.has(this.plan.components[node.index]!.lastStep);
    component.state = underWay.size > 0 ? 'working' : isLast ? 'started' : 'waiting';
  }

  #stepsOf(node: ComponentNode): readonly number[] {
    this.#steps ??= groupBy(this.plan.steps.keys(), (step) => this.plan.steps[step]!.node);
    return this.#steps.get(node)!;
  }
}

function isWithin(node: ComponentNode, above: ComponentNode): boolean {
  for (let at: ComponentNode | undefined = node; at; at = at.parent) if (at === above) return true;
  return false;
}
