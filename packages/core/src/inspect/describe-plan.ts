/**
 * Describes a plan as plain data for `asphalt graph`, `asphalt check` and other tools. All values must be
 * JSON-compatible.
 */
import type { HandlerDeclaration, NeedDeclaration } from '../component/declaration-types.ts';
import type { Place } from '../component/place.ts';
import { ConfigError } from '../config/errors.ts';
import { defaultName, identifierName, type Key, type ServiceIdentifier } from '../context/key.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { ComponentNode } from '../graph/component-node.ts';
import type { Need, Plan, PlannedComponent, PlannedHealthCheck, Provider } from '../graph/plan.ts';
import { GraphProblem } from '../graph/errors.ts';
import { memberText, slotText } from '../graph/problem-text.ts';

export interface PlanDescription {
  readonly components: readonly ComponentDescription[];
  /** The components that `enabled: false` removes, without their descendants. */
  readonly disabled: ReadonlyArray<{ readonly path: string; readonly alias: string; readonly parent: string }>;
  readonly needs: readonly NeedDescription[];
  readonly problems: readonly ProblemDescription[];
}

export interface ComponentDescription {
  /** Empty for the root. */
  readonly path: string;
  readonly alias: string;
  /** The name of the class. */
  readonly type: string;
  /** The parent's path; absent for the root. */
  readonly parent?: string;
  /** Set for an injectable class of inversify, which is not a component of the tree. */
  readonly injectable?: true;
  readonly description?: string;
  readonly place?: Place;
  readonly provides: readonly ProviderDescription[];
  readonly tasks: readonly string[];
  readonly healthChecks: readonly HealthCheckDescription[];
}

export interface HealthCheckDescription {
  readonly member: string;
  readonly for: 'ready' | 'live';
  /** Whether a failure means `down` instead of `degraded`. */
  readonly critical: boolean;
  readonly timeoutMs: number;
  readonly place?: Place;
}

export interface ProviderDescription {
  /** Several for a resource that is published under several identifiers. */
  readonly ids: readonly string[];
  readonly name: string;
  readonly scope: 'application' | 'context';
  /** The provider method; absent for a resource that `start()` publishes. */
  readonly member?: string;
  readonly place?: Place;
  /** Whether any component needs it. */
  readonly used: boolean;
}

export interface NeedDescription {
  /** The path of the component that needs it. */
  readonly component: string;
  readonly id: string;
  readonly name: string;
  /** The member that receives it, such as `constructor parameter 1`. */
  readonly member: string;
  readonly place?: Place;
  readonly kind: 'need' | 'optional' | 'deferred' | 'all' | 'event';
  /** The paths of the components that provide it; empty if no component does. */
  readonly providers: readonly string[];
  /** Set if the runtime itself provides it. */
  readonly given?: true;
}

export interface ProblemDescription {
  readonly code: string;
  readonly summary: string;
  /** The complete message. */
  readonly message: string;
  /** Possible fixes; several are alternatives. */
  readonly help: readonly string[];
  /** The path of the affected component; empty for the root, absent for an option of the configuration. */
  readonly component?: string;
  /** The name of the component's class. */
  readonly type?: string;
  /** The affected member, such as `constructor parameter 1`. */
  readonly member?: string;
  readonly key?: { readonly id: string; readonly name: string };
  /** The option's path as `--set` accepts it. */
  readonly option?: string;
  /** Location of the faulty declaration. */
  readonly place?: Place;
}

export function describePlan(plan: Plan): PlanDescription {
  const index = new PlanIndex(plan);
  return {
    components: plan.components.map((planned) => describeComponent(planned, index)),
    disabled: plan.disabled.map(({ path, alias, parent }) => ({ path, alias, parent })),
    needs: plan.components.flatMap((planned) => describeNeeds(planned, index).map(({ description }) => description)),
    problems: plan.problems.map(describeProblem),
  };
}

/** Finds the providers and health checks of a component, and the providers of a key. @internal */
export class PlanIndex {
  readonly #byNode = new Map<ComponentNode, Provider[]>();
  readonly #byId = new Map<ServiceIdentifier<unknown>, Provider[]>();
  readonly #healthChecks = new Map<ComponentNode, PlannedHealthCheck[]>();

  readonly #providedByRuntime: Plan['providedByRuntime'];

  constructor({ providers, healthChecks, providedByRuntime }: Plan) {
    this.#providedByRuntime = providedByRuntime;
    for (const check of healthChecks) append(this.#healthChecks, check.node, check);
    for (const provider of providers) {
      append(this.#byNode, provider.node, provider);
      for (const id of provider.ids) append(this.#byId, id, provider);
    }
  }

  of(node: ComponentNode): readonly Provider[] {
    return this.#byNode.get(node) ?? [];
  }

  healthChecksOf(node: ComponentNode): readonly PlannedHealthCheck[] {
    return this.#healthChecks.get(node) ?? [];
  }

  /** Returns the paths of the components that provide a key, or with `all` any key with its identifier. */
  pathsFor({ id, name }: Key, all: boolean): string[] {
    const providers = this.#byId.get(id) ?? [];
    return providers.filter((provider) => all || provider.name === name).map(({ node }) => node.path);
  }

  isGiven({ id, name }: Key): boolean {
    return this.#providedByRuntime.includes(id) && name === defaultName;
  }
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function describeComponent({ node, tasks }: PlannedComponent, index: PlanIndex): ComponentDescription {
  const declared = node.declarations.component;
  return {
    path: node.path,
    alias: node.alias,
    type: node.type.name,
    // Drawings place an injectable class below the root.
    ...((node.parent || node.neededBy) && { parent: node.parent?.path ?? '' }),
    ...(node.neededBy && { injectable: true as const }),
    ...defined({ description: declared?.options.description, place: ComponentNode.placeOf(node, declared?.site) }),
    provides: index.of(node).map(describeProvider),
    tasks: tasks.map(({ member }) => String(member)),
    healthChecks: index.healthChecksOf(node).map(describeHealthCheck),
  };
}

function describeHealthCheck({ node, declaration, critical }: PlannedHealthCheck): HealthCheckDescription {
  const { member, for: purpose, timeoutMs, site } = declaration;
  return {
    member: String(member),
    for: purpose,
    critical,
    timeoutMs,
    ...defined({ place: ComponentNode.placeOf(node, site) }),
  };
}

/** @internal */
export function describeProvider({
  node,
  ids,
  name,
  used,
  declaration: { scope, member, site },
}: Provider): ProviderDescription {
  const optional = defined({
    member: member === undefined ? undefined : String(member),
    place: ComponentNode.placeOf(node, site),
  });
  return { ids: ids.map(identifierName), name, scope, used, ...optional };
}

function* needsOf({ wiring, lookups }: PlannedComponent): Iterable<Need> {
  for (const need of wiring.constructor) if (need) yield need;
  yield* wiring.properties;
  for (const parameters of wiring.methods.values()) for (const need of parameters) if (need) yield need;
  yield* lookups;
}

/** A need or a handler with its key, which distinguishes identifiers of the same name. @internal */
export interface DescribedNeed {
  readonly description: NeedDescription;
  readonly declaration: NeedDeclaration | HandlerDeclaration;
  readonly key: Key;
}

/** @internal */
export function describeNeeds(planned: PlannedComponent, index: PlanIndex): DescribedNeed[] {
  const describe = (declaration: DescribedNeed['declaration'], key: Key): DescribedNeed => {
    const { site } = declaration;
    const isNeed = 'index' in declaration;
    const providers = index.pathsFor(key, isNeed && declaration.all !== false);
    const description: NeedDescription = {
      component: planned.node.path,
      id: identifierName(key.id),
      name: key.name,
      member: isNeed ? slotText(declaration) : memberText(declaration.member, undefined),
      ...defined({ place: ComponentNode.placeOf(planned.node, site) }),
      kind: isNeed ? kindOf(declaration, providers.length > 0) : 'event',
      providers,
      ...(index.isGiven(key) && { given: true as const }),
    };
    return { description, declaration, key };
  };
  return [
    ...Array.from(needsOf(planned), ({ declaration, key }) => describe(declaration, key)),
    ...planned.handlers.flatMap(({ declaration, keys }) => keys.map((key) => describe(declaration, key))),
  ];
}

/** Returns the kind of a need. A deferred need that is absent is described as optional, because it may be. */
function kindOf({ all, deferred, optional }: NeedDeclaration, isProvided: boolean): NeedDescription['kind'] {
  if (all) return 'all';
  if (deferred && (isProvided || !optional)) return 'deferred';
  return optional ? 'optional' : 'need';
}

/** Describes one problem. */
export function describeProblem(problem: AsphaltError): ProblemDescription {
  const { code, summary, message } = problem;
  const { place, help = [] } = problem.explanation;
  const { component, type, member, key } = problem instanceof GraphProblem ? problem.subject : {};
  return {
    code,
    summary,
    message,
    help: typeof help === 'string' ? [help] : help,
    ...defined({
      component,
      type,
      member,
      key: key && { id: identifierName(key.id), name: key.name },
      option: problem instanceof ConfigError ? problem.problems[0]?.path : undefined,
      place,
    }),
  };
}

/** Returns the fields that have a value, because JSON has no `undefined`. */
function defined<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
