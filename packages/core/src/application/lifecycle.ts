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

export type LifecycleEvent =
  | {
      readonly type: 'component';
      readonly component: ComponentNode;
      readonly state: ComponentState;
      readonly at: number;
    }
  | { readonly type: 'waiting'; readonly component: ComponentNode; readonly key: Key; readonly at: number }
  | { readonly type: 'application'; readonly state: ApplicationState; readonly at: number };
