/**
 * The lookups and publications that components make by hand. While something starts, a lookup waits until its key is
 * published, and counts as a need in the stop order. It must not decide when waiting ends; `Starting` does.
 */
import type { Context } from '../context/context.ts';
import { keyText, type Key, type ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { Plan, StepIndex } from '../graph/plan.ts';
import { unowned } from '../signal/scope.ts';
import type { ComponentActivity } from './component-activity.ts';
import type { LifecycleEvents } from './lifecycle.ts';
import { DynamicNeeds, type Edge } from './stop-order.ts';

type Id = ServiceIdentifier<unknown>;

/** The start in progress, as lookups see it. */
export interface OpenStart {
  readonly steps: readonly StepIndex[];
  readonly activities: readonly ComponentActivity[];
}

export class Lookups {
  readonly #context: Context;
  readonly #events: LifecycleEvents;
  readonly #needs: DynamicNeeds;
  #start: OpenStart | undefined;
  #waiters: ResourceWaiters | undefined;

  constructor(plan: Plan, context: Context, events: LifecycleEvents) {
    this.#context = context;
    this.#events = events;
    this.#needs = new DynamicNeeds(plan);
  }

  /** Lets lookups wait, and records them and publications until {@link close}. */
  open(start: OpenStart): void {
    this.#start = start;
    this.#waiters = new ResourceWaiters(this.#context);
    this.#needs.forget(start.steps);
  }

  /** Wakes all lookups. Later ones are recorded but do not wait. */
  stopWaiting(): void {
    this.#waiters?.close();
  }

  /** Rejects all lookups that wait, and all later ones until {@link close}. */
  abandon(error: unknown): void {
    this.#waiters?.abandon(error);
  }

  close(): void {
    this.stopWaiting();
    this.#start = undefined;
    this.#waiters = undefined;
  }

  /** Waits for a key on behalf of a component; returns `undefined` if lookups do not wait now. */
  waitFor(component: ComponentActivity, id: Id, name: string): Promise<void> | undefined {
    const key = { id, name };
    const published = this.#waiters?.wait(component.node, key);
    if (!published) return undefined;
    this.#events.waits(component.node, key, component.currentStep);
    return published;
  }

  /** Records that a component looked up a key. */
  lookedUp(component: ComponentActivity, id: Id, name: string): void {
    if (!this.#start) return;
    for (const step of component.lookingSteps) this.#needs.add(step, id, name);
  }

  /** Records a lookup that has its resource or no longer waits for it. */
  resolved(component: ComponentActivity, id: Id, name: string): void {
    if (!this.#start) return;
    this.lookedUp(component, id, name);
    const publisher = this.#needs.publisherOf(id, name);
    this.#events.found(component.node, { id, name }, component.currentStep, publisher);
  }

  /** Records that a component published keys explicitly. */
  published(component: ComponentActivity, ids: readonly Id[], name: string): void {
    if (!this.#start) return;
    this.#needs.published(component.publishingStep, ids, name);
    this.#events.published(component.node, ids, name, component.currentStep);
  }

  /** Returns the keys that a component waits for. */
  keysOf(node: ComponentNode): Key[] {
    return this.#waiters?.keysOf(node) ?? [];
  }

  /** Returns the needs that lookups added to the plan. */
  edges(): Edge[] {
    return this.#needs.edges();
  }

  /** Returns the keys that all unstarted components wait for, as text; empty if the code of one is running. */
  idleKeys(): string {
    const { activities = [] } = this.#start ?? {};
    const works = ({ node, pending }: ComponentActivity): boolean => this.keysOf(node).length < pending;
    if (!this.areAllWaiting || activities.some(works)) return '';
    return activities.flatMap(({ node }) => this.keysOf(node).map(keyText)).join();
  }

  /** Whether every component with a pending phase waits for a key. Other code may still publish it. */
  get areAllWaiting(): boolean {
    if (!this.#start || !this.#waiters || this.#waiters.size === 0) return false;
    return this.#start.activities.every(({ node, pending }) => pending === 0 || this.keysOf(node).length > 0);
  }
}

interface Waiter {
  readonly node: ComponentNode;
  readonly key: Key;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * The lookups that wait during one start. They are stored per key and woken by the publication itself, so that no
 * publication is missed.
 */
class ResourceWaiters {
  readonly #context: Context;
  readonly #waiters = new Set<Waiter>();
  readonly #byKey = new ResourceTable<Set<Waiter>>();
  #subscription: { unsubscribe(): void } | undefined;
  #over = false;
  #abandoned: { readonly error: unknown } | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Waits for a key on behalf of a component; returns `undefined` after {@link close}. */
  wait(node: ComponentNode, key: Key): Promise<void> | undefined {
    if (this.#over) return undefined;
    if (this.#abandoned) return Promise.reject(this.#abandoned.error);
    if (!this.#subscription) unowned(() => this.#subscribe());
    return new Promise((wake, fail) => {
      const waiter: Waiter = { node, key, wake, fail };
      this.#waiters.add(waiter);
      const others = this.#byKey.get(key.id, key.name);
      if (others) others.add(waiter);
      else this.#byKey.set(key.id, key.name, new Set([waiter]));
    });
  }

  /** Subscribes for all waiters. The subscription must not belong to the component that waits first. */
  #subscribe(): void {
    this.#subscription = this.#context.resourceAdded.subscribe(({ ids, name }) => {
      for (const published of ids) this.#wake(published, name);
    });
  }

  /** Returns the keys that a component waits for. */
  keysOf(node: ComponentNode): Key[] {
    return [...this.#waiters].filter((waiter) => waiter.node === node).map(({ key }) => key);
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Wakes all waiters. Later lookups do not wait. */
  close(): void {
    this.#over = true;
    this.#end(({ wake }) => wake());
  }

  /** Rejects all waiters with an error, and all later ones until {@link close}. */
  abandon(error: unknown): void {
    this.#abandoned = { error };
    this.#end(({ fail }) => fail(error));
  }

  #end(settle: (waiter: Waiter) => void): void {
    this.#subscription?.unsubscribe();
    for (const waiter of this.#waiters) settle(waiter);
    this.#waiters.clear();
  }

  #wake(id: Id, name: string): void {
    for (const waiter of this.#byKey.get(id, name) ?? []) {
      this.#waiters.delete(waiter);
      waiter.wake();
    }
    this.#byKey.delete(id, name);
  }
}
