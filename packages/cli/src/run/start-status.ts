/** Tracks the progress of each component during a start, based on life-cycle events. */
import type { ComponentNode, Key, LifecycleEvent, Plan } from '@asphalt/core';
import { groupBy } from '../draw/group-by.ts';
import { callName } from '../recording/names.ts';
import { printable } from '../terminal/printable.ts';

export interface ComponentStatus {
  readonly node: ComponentNode;
  /** `waiting` if no step is running but some remain. */
  state: 'waiting' | 'working' | 'started' | 'failed';
  /** The start of its first step, in `performance.now()` time. */
  beganAt: number | undefined;
  /** The end of its latest completed step. */
  endedAt: number | undefined;
  /** The running steps with their start times. */
  readonly running: Map<number | 'ready', number>;
  /** The keys that its code waits for with `getResource()`. */
  missing: Key[];
  /** Why it takes long, in its own words; safe for a terminal. */
  progress: string | undefined;
}

export class StartStatus {
  readonly plan: Plan;
  /** The beginning of the start, in `performance.now()` time. */
  beganAt = performance.now();
  #components: readonly ComponentStatus[] | undefined;
  readonly #ended = new Set<number>();
  /** The steps of each component, created lazily. */
  #steps: ReadonlyMap<ComponentNode, readonly number[]> | undefined;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** Created on first use. */
  get components(): readonly ComponentStatus[] {
    return (this.#components ??= this.plan.components.map(({ node }) => statusOf(node)));
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
      case 'progress':
        component.progress = event.text === undefined ? undefined : printable(event.text);
        break;
      case 'published':
        break;
    }
  }

  /** Returns the running calls of a component, such as `connect()`, with their start times. */
  work({ running }: ComponentStatus): ReadonlyArray<{ readonly call: string; readonly since: number }> {
    return Array.from(running, ([step, since]) => ({ call: callName(this.plan, step), since }));
  }

  /**
   * Returns the components that block a component: its next step needs steps of theirs that have not ended. Excludes
   * descendants, because every component starts after these.
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
    const { running, node } = component;
    if (state === 'begun') {
      component.beganAt ??= at;
      running.set(step, at);
    } else if (state === 'ended') {
      component.endedAt = at;
      running.delete(step);
      if (running.size === 0) component.progress = undefined;
      if (typeof step === 'number') this.#ended.add(step);
    }
    if (component.state === 'failed') return;
    const isLast = step === 'ready' || this.#ended.has(this.plan.components[node.index]!.lastStep);
    component.state = running.size > 0 ? 'working' : isLast ? 'started' : 'waiting';
  }

  #stepsOf(node: ComponentNode): readonly number[] {
    this.#steps ??= groupBy(this.plan.steps.keys(), (step) => this.plan.steps[step]!.node);
    return this.#steps.get(node)!;
  }
}

function statusOf(node: ComponentNode): ComponentStatus {
  return {
    node,
    state: 'waiting',
    beganAt: undefined,
    endedAt: undefined,
    running: new Map(),
    missing: [],
    progress: undefined,
  };
}

function isWithin(node: ComponentNode, above: ComponentNode): boolean {
  for (let at: ComponentNode | undefined = node; at; at = at.parent) if (at === above) return true;
  return false;
}
