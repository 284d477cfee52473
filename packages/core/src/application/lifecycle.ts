/** The states of a component and the events that tell of them. Progress displays, timelines and logs are listeners. */
import type { Key } from '../context/key.ts';
import type { ComponentNode } from '../graph/component-node.ts';

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

/** A step is `pending` when its code has returned a promise, and lets others run. */
export type StepState = 'begun' | 'pending' | 'ended';

/** Times are those of `performance.now()`. */
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
      /** The step's index in the plan; `ready` stands for the hook of this name and the tasks. */
      readonly step: number | 'ready';
      readonly state: StepState;
      readonly at: number;
    }
  | {
      /** Something asks for a key that nobody has published yet. */
      readonly type: 'waiting';
      readonly component: ComponentNode;
      readonly key: Key;
      /** The step whose code it is; undefined where several are under way, of which nobody can tell. */
      readonly step: number | undefined;
      readonly at: number;
    }
  | {
      /** Something was published by hand, and not by a provider as it ends. */
      readonly type: 'published';
      readonly component: ComponentNode;
      readonly keys: readonly Key[];
      readonly step: number | undefined;
      readonly at: number;
    }
  | {
      /** What was asked for by hand is there, perhaps after it was waited for. */
      readonly type: 'found';
      readonly component: ComponentNode;
      readonly key: Key;
      readonly step: number | undefined;
      /** The step that published the key; undefined where no component did. */
      readonly publisher: number | undefined;
      readonly at: number;
    }
  | { readonly type: 'application'; readonly state: ApplicationState; readonly at: number };
