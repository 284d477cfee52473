/**
 * The plan: the whole application as steps and the order among them, before anything runs.
 *
 * A component becomes up to four kinds of step, and an arrow from a step to each one that it waits for:
 *
 *     construct ◀── prepare ◀── children's construct
 *         ▲                         ▲
 *         └── provide (one a method) └── … their last step ◀── start
 *
 * plus one arrow for every need. Where `start` would call nothing and wait for one step, that is the last one. Steps
 * are numbers to the algorithms; everything here is data, made by `buildPlan` and read by whoever checks, draws, starts
 * or stops.
 */
import type {
  HandlerDeclaration,
  NeedDeclaration,
  ProviderDeclaration,
  TaskDeclaration,
} from '../component/declarations.ts';
import type { Key, ServiceIdentifier } from '../context/key.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import type { ComponentNode } from './component-node.ts';

export type StepKind = 'construct' | 'prepare' | 'provide' | 'start';

export interface Step {
  readonly index: number;
  readonly kind: StepKind;
  readonly node: ComponentNode;
  /** What a `provide` step calls. */
  readonly provider: Provider | undefined;
  /** The steps that must have finished before. */
  readonly needs: number[];
}

/** A provider or factory of one component instance. */
export interface Provider {
  readonly node: ComponentNode;
  readonly declaration: ProviderDeclaration;
  readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>;
  readonly name: string;
  /** The step after which the key can be looked up. */
  step: number;
  /** Whether anything in the graph needs it. */
  used: boolean;
}

/** A need of one component instance with its key. */
export interface Need {
  readonly declaration: NeedDeclaration;
  readonly key: Key;
}

/** The needs of one component instance by the place that they are injected into. */
export interface Wiring {
  /** By parameter; holes are parameters without `@inject`. */
  readonly constructor: ReadonlyArray<Need | undefined>;
  readonly properties: readonly Need[];
  readonly methods: ReadonlyMap<PropertyKey, ReadonlyArray<Need | undefined>>;
}

/** A handler of one component instance with the keys of the resources that it listens to. */
export interface Handler {
  readonly declaration: HandlerDeclaration;
  readonly keys: readonly Key[];
}

export interface PlannedComponent {
  readonly node: ComponentNode;
  readonly wiring: Wiring;
  readonly handlers: readonly Handler[];
  readonly tasks: readonly TaskDeclaration[];
  /** Its construction. */
  readonly firstStep: number;
  /** The step after which the component has started. */
  readonly lastStep: number;
  /** The other components of which it needs something, whenever it does. */
  readonly uses: readonly number[];
}

export interface Plan {
  readonly root: ComponentNode;
  /** In the order of declaration. */
  readonly components: readonly PlannedComponent[];
  readonly steps: readonly Step[];
  readonly providers: readonly Provider[];
  /** What the runtime itself gives, under the default name; it is there before anything starts. */
  readonly given: ReadonlyArray<ServiceIdentifier<unknown>>;
  /** Why the application cannot start; empty when it can. */
  readonly problems: readonly AsphaltError[];
}
