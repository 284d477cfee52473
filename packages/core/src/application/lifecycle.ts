/** The states of components and applications, and the events that report them to progress displays and timelines. */
import type { Key, ServiceIdentifier } from '../context/key.ts';
import type { ComponentNode } from '../graph/component-node.ts';
import type { Phase, StepIndex } from '../graph/plan.ts';
import { Signal } from '../signal/signal.ts';

export type ComponentState =
  | 'initialized'
  | 'preparing'
  | 'starting'
  | 'started'
  | 'ready'
  | 'stopping'
  | 'stopped'
  | 'failed';

export type ApplicationState = 'initialized' | 'starting' | 'started' | 'stopping' | 'stopped';

/** A step is `pending` after its code has returned a promise; other steps can run during that time. */
export type StepState = 'begun' | 'pending' | 'ended';

/** `at` is a time of `performance.now()`. */
export type LifecycleEvent =
  | {
      readonly type: 'component';
      readonly component: ComponentNode;
      readonly state: ComponentState;
      readonly at: number;
    }
  | {
      readonly type: 'step';
      readonly component: ComponentNode;
      /** The step's index in the plan; `ready` is the phase of the `ready` hook; its undo ends the tasks. */
      readonly step: number | 'ready';
      readonly state: StepState;
      readonly at: number;
    }
  | {
      /** A component waits for a key that is not published yet. */
      readonly type: 'waiting';
      readonly component: ComponentNode;
      readonly key: Key;
      /** The step that waits; `undefined` unless exactly one step of the component is running. */
      readonly step: number | undefined;
      readonly at: number;
    }
  | {
      /** A component published a resource explicitly, not through a provider. */
      readonly type: 'published';
      readonly component: ComponentNode;
      readonly keys: readonly Key[];
      readonly step: number | undefined;
      readonly at: number;
    }
  | {
      /** A dynamic lookup has its resource; it may have waited for it. */
      readonly type: 'found';
      readonly component: ComponentNode;
      readonly key: Key;
      readonly step: number | undefined;
      /** The step that published the key; `undefined` if no component did. */
      readonly publisher: number | undefined;
      readonly at: number;
    }
  | {
      /** A component called `context.progress()` while a step was running. The end of its last running step clears the text. */
      readonly type: 'progress';
      readonly component: ComponentNode;
      /** The step that it belongs to; `undefined` if several steps of the component are running. */
      readonly step: number | 'ready' | undefined;
      /** One line; `undefined` clears it. */
      readonly text: string | undefined;
      readonly at: number;
    }
  | { readonly type: 'application'; readonly state: ApplicationState; readonly at: number };

/** Emits the events of one application. Builds an event only if the signal has a subscriber. */
export class LifecycleEvents {
  readonly signal = new Signal<LifecycleEvent>();
  #changes = 0;

  /** The number of state changes of the application and its components. */
  get changes(): number {
    return this.#changes;
  }

  applicationChanged(state: ApplicationState): void {
    this.#changes++;
    if (this.signal.observed) this.signal.dispatch({ type: 'application', state, at: performance.now() });
  }

  componentChanged(component: ComponentNode, state: ComponentState, at: number): void {
    this.#changes++;
    if (this.signal.observed) this.signal.dispatch({ type: 'component', component, state, at });
  }

  stepChanged(component: ComponentNode, step: Phase, state: StepState): void {
    if (this.signal.observed) this.signal.dispatch({ type: 'step', component, step, state, at: performance.now() });
  }

  progressed(component: ComponentNode, step: Phase | undefined, text: string | undefined): void {
    if (this.signal.observed) this.signal.dispatch({ type: 'progress', component, step, text, at: performance.now() });
  }

  waits(component: ComponentNode, key: Key, step: StepIndex | undefined): void {
    if (this.signal.observed) this.signal.dispatch({ type: 'waiting', component, key, step, at: performance.now() });
  }

  published(
    component: ComponentNode,
    ids: ReadonlyArray<ServiceIdentifier<unknown>>,
    name: string,
    step: StepIndex | undefined,
  ): void {
    if (!this.signal.observed) return;
    const keys = ids.map((id) => ({ id, name }));
    this.signal.dispatch({ type: 'published', component, keys, step, at: performance.now() });
  }

  found(component: ComponentNode, key: Key, step: StepIndex | undefined, publisher: StepIndex | undefined): void {
    if (!this.signal.observed) return;
    this.signal.dispatch({ type: 'found', component, key, step, publisher, at: performance.now() });
  }
}
