/**
 * The plan describes the whole application as steps and their order, before anything runs.
 *
 * A component becomes up to four kinds of steps. An edge leads from a step to each step that it waits for:
 *
 *     construct ◀── prepare ◀── children's construct
 *         ▲                         ▲
 *         └── provide (one a method) └── … their last step ◀── start
 *
 * Every need adds one edge. If `start` would call nothing and wait for one step only, that step is the last one. The
 * algorithms identify steps by number. `buildPlan` creates this data; checks, drawings, the start and the stop read it.
 */
import type {
  Declarations,
  HandlerDeclaration,
  HealthDeclaration,
  NeedDeclaration,
  ProviderDeclaration,
  TaskDeclaration,
} from '../component/declaration-types.ts';
import type { Key, ServiceIdentifier } from '../context/key.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import type { ComponentNode } from './component-node.ts';
import type { DisabledComponent } from './disabled-components.ts';

/** The index of a step in its plan. */
export type StepIndex = number;

/** A unit that runs and is undone by itself: a step, or `ready` with the tasks. */
export type Phase = StepIndex | 'ready';

export type StepKind = 'construct' | 'prepare' | 'provide' | 'start';

export interface Step {
  readonly index: number;
  readonly kind: StepKind;
  readonly node: ComponentNode;
  /** The provider that a `provide` step calls. */
  readonly provider: Provider | undefined;
  /** The steps that must finish first. */
  readonly needs: number[];
}

/** A provider or factory of one component. */
export interface Provider {
  readonly node: ComponentNode;
  /** @internal */
  readonly declaration: ProviderDeclaration;
  readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>;
  readonly name: string;
  /** The step after which the key can be looked up. */
  step: number;
  /** Whether any component needs it. */
  used: boolean;
}

/** A need of one component with its key. */
export interface Need {
  readonly declaration: NeedDeclaration;
  readonly key: Key;
}

/** The needs of one component by the place of injection. */
export interface Wiring {
  /** By parameter; holes are parameters without `@inject`. */
  readonly constructor: ReadonlyArray<Need | undefined>;
  readonly properties: readonly Need[];
  readonly methods: ReadonlyMap<PropertyKey, ReadonlyArray<Need | undefined>>;
}

/** A handler of one component with the keys of the resources that it subscribes to. */
export interface Handler {
  readonly declaration: HandlerDeclaration;
  readonly keys: readonly Key[];
}

/** A health check of one component. */
export interface PlannedHealthCheck {
  readonly node: ComponentNode;
  /** @internal */
  readonly declaration: HealthDeclaration;
  /** Whether a failure means `down` instead of `degraded`. */
  readonly critical: boolean;
}

export interface PlannedComponent {
  readonly node: ComponentNode;
  /** @internal */
  readonly wiring: Wiring;
  /** The needs that its code looks up itself. @internal */
  readonly lookups: readonly Need[];
  /** @internal */
  readonly handlers: readonly Handler[];
  /** @internal */
  readonly tasks: readonly TaskDeclaration[];
  /** The step that constructs the component. */
  readonly firstStep: number;
  /** The step after which the component has started. */
  readonly lastStep: number;
  /** The other components that provide its needs, at whatever time it uses them. */
  readonly uses: readonly number[];
}

export interface Plan {
  readonly root: ComponentNode;
  /** In the order of declaration. */
  readonly components: readonly PlannedComponent[];
  /** The components that `enabled: false` removed; their descendants are not listed. */
  readonly disabled: readonly DisabledComponent[];
  readonly steps: readonly Step[];
  readonly providers: readonly Provider[];
  readonly healthChecks: readonly PlannedHealthCheck[];
  /** Identifiers that the runtime itself provides under the default name, before anything starts. */
  readonly providedByRuntime: ReadonlyArray<ServiceIdentifier<unknown>>;
  /** The problems that prevent the start; empty if the application can start. */
  readonly problems: readonly AsphaltError[];
}

/**
 * Groups the needs of a component by the place of their injection.
 *
 * @param keyOf - returns the key of a need; undefined leaves the need out
 */
export function wiringOf({ needs }: Declarations, keyOf: (need: NeedDeclaration) => Key | undefined): Wiring {
  if (needs.length === 0) return nothingInjected;
  const constructor: Array<Need | undefined> = [];
  const properties: Need[] = [];
  const methods = new Map<PropertyKey, Array<Need | undefined>>();
  for (const declaration of needs) {
    const key = keyOf(declaration);
    if (!key) continue;
    const { member, index } = declaration;
    const need: Need = { declaration, key };
    if (member === undefined) constructor[index!] = need;
    else if (index === undefined) properties.push(need);
    else {
      const parameters = methods.get(member) ?? [];
      parameters[index] = need;
      methods.set(member, parameters);
    }
  }
  return { constructor, properties, methods };
}

/** The wiring of all components without needs. */
const nothingInjected: Wiring = { constructor: [], properties: [], methods: new Map() };
