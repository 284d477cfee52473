/**
 * Builds the plan of a component tree: assigns a key and a step to every provider, resolves every need to its provider
 * and collects all problems. Must not run application code except lazy identifiers.
 */
import type { Declarations, Hook, ProviderDeclaration } from '../component/declaration-types.ts';
import { defaultName, type ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import type { ComponentNode } from './component-node.ts';
import type { DisabledComponent } from './disabled-components.ts';
import { declarationProblems, uncalledMethod } from './declaration-problems.ts';
import { plannedHealthCheck } from './option-references.ts';
import { NeedResolver, isProvidedByContext, Identifiers, SimilarNames } from './resolve-needs.ts';
import { describeCycles } from './describe-cycles.ts';
import { Injectables } from './injectables.ts';
import {
  wiringOf,
  type Handler,
  type Need,
  type Plan,
  type PlannedComponent,
  type PlannedHealthCheck,
  type Provider,
  type Step,
  type StepKind,
} from './plan.ts';
import { DuplicateProviderError } from './errors.ts';

/**
 * Builds the plan of a component tree.
 *
 * @param earlier - problems found before planning
 * @param providedByRuntime - identifiers that the runtime provides itself
 * @param disabled - components that are not among the nodes
 */
export function buildPlan(
  nodes: readonly ComponentNode[],
  earlier: readonly AsphaltError[] = [],
  providedByRuntime: Plan['providedByRuntime'] = [],
  disabled: readonly DisabledComponent[] = [],
): Plan {
  return new PlanBuilder(nodes, earlier, providedByRuntime, disabled).build();
}

/** The steps of one component during planning. */
interface ComponentSteps {
  readonly construct: Step;
  readonly prepare: Step | undefined;
  readonly provide: Step[];
  readonly start: Step | undefined;
  /** The step that dependents of this component wait for. */
  readonly last: Step;
}

class PlanBuilder {
  readonly #providedByRuntime: Plan['providedByRuntime'];
  readonly #nodes: ComponentNode[];
  readonly #problems: AsphaltError[];
  readonly #steps: Step[] = [];
  readonly #stepsOf = new Map<ComponentNode, ComponentSteps>();
  /** The `prepare` step of the nearest ancestor that has one. */
  readonly #prepareAbove = new Map<ComponentNode, Step>();
  readonly #providers: Provider[] = [];
  readonly #healthChecks: PlannedHealthCheck[] = [];
  readonly #table = new ResourceTable<Provider>();
  readonly #identifiers = new Identifiers();
  readonly #resolver: NeedResolver;
  readonly #disabled: readonly DisabledComponent[];

  constructor(
    nodes: readonly ComponentNode[],
    earlier: readonly AsphaltError[],
    providedByRuntime: Plan['providedByRuntime'],
    disabled: readonly DisabledComponent[],
  ) {
    this.#disabled = disabled;
    this.#providedByRuntime = providedByRuntime;
    this.#nodes = [...nodes];
    this.#problems = [...earlier];
    const similar = new SimilarNames(this.#providers);
    const absent = { similar, disabled };
    this.#resolver = new NeedResolver(this.#identifiers, this.#table, providedByRuntime, absent, this.#problems);
  }

  build(): Plan {
    for (const node of this.#nodes) this.#add(node);
    this.#addInjectables();
    for (const node of this.#nodes) this.#orderFamily(node);
    const components = this.#nodes.map((node) => this.#wire(node));
    this.#problems.push(...describeCycles(this.#steps, components, this.#providers));
    return {
      root: this.#nodes[0]!,
      components,
      disabled: this.#disabled,
      steps: this.#steps,
      providers: this.#providers,
      healthChecks: this.#healthChecks,
      providedByRuntime: this.#providedByRuntime,
      problems: this.#problems,
    };
  }

  #add(node: ComponentNode): void {
    this.#problems.push(...declarationProblems(node));
    this.#addSteps(node);
    for (const declaration of node.declarations.healthChecks) {
      const check = plannedHealthCheck(declaration, node, this.#problems);
      if (check) this.#healthChecks.push(check);
    }
  }

  /** Adds a node for every injectable class. The loop also visits the nodes that it appends. */
  #addInjectables(): void {
    const injectables = new Injectables(this.#identifiers, this.#table, this.#nodes);
    for (const node of this.#nodes) {
      for (const type of injectables.neededBy(node)) {
        const injectable = injectables.nodeOf(type, node, this.#nodes.length);
        this.#nodes.push(injectable);
        this.#add(injectable);
      }
    }
  }

  #addStep(kind: StepKind, node: ComponentNode, provider?: Provider): Step {
    const step: Step = { index: this.#steps.length, kind, node, provider, needs: [] };
    this.#steps.push(step);
    return step;
  }

  #addSteps(node: ComponentNode): void {
    const construct = this.#addStep('construct', node);
    const prepare = hasHook(node, 'prepare') ? this.#addStep('prepare', node) : undefined;
    const ready = prepare ?? construct;
    if (prepare) prepare.needs.push(construct.index);
    const provide: Step[] = [];
    const byHand: Provider[] = [];
    for (const declaration of node.declarations.providers) {
      const provider: Provider = {
        node,
        declaration,
        ids: this.#idsOf(declaration, node),
        name: declaration.name ?? node.resourceName,
        step: -1,
        used: false,
      };
      this.#register(provider);
      if (declaration.member === undefined) {
        byHand.push(provider);
        continue;
      }
      const step = this.#addStep('provide', node, provider);
      step.needs.push(ready.index);
      provider.step = step.index;
      provide.push(step);
    }
    // A component without `start`, without children and with at most one provider needs no separate start step.
    const joins = hasHook(node, 'start') || node.children.length > 0 || provide.length > 1;
    const start = joins ? this.#addStep('start', node) : undefined;
    if (start) start.needs.push(ready.index, ...provide.map(({ index }) => index));
    const last = start ?? provide[0] ?? ready;
    for (const provider of byHand) provider.step = last.index;
    this.#stepsOf.set(node, { construct, prepare, provide, start, last });
  }

  /** Returns the identifiers of a declaration, without those that cannot be resolved. */
  #idsOf(declaration: ProviderDeclaration, node: ComponentNode): Array<ServiceIdentifier<unknown>> {
    const ids = declaration.ids.map((id) => this.#resolver.identify(id, declaration, node));
    return ids.every((id) => id !== undefined) ? ids : ids.filter((id) => id !== undefined);
  }

  #register(provider: Provider): void {
    this.#providers.push(provider);
    for (const id of provider.ids) {
      this.#identifiers.learn(id);
      const first = this.#table.get(id, provider.name);
      if (provider.name === defaultName && this.#providedByRuntime.includes(id))
        this.#reportDuplicate(id, undefined, provider);
      else if (!first) this.#table.set(id, provider.name, provider);
      // Several components may open contexts that provide the same key: two web servers both provide a `Request`.
      else if (!isProvidedByContext(first) || !isProvidedByContext(provider))
        this.#reportDuplicate(id, first, provider);
    }
  }

  #reportDuplicate(id: ServiceIdentifier<unknown>, first: Provider | undefined, again: Provider): void {
    this.#problems.push(new DuplicateProviderError({ id, name: again.name }, first, again));
  }

  /** Orders a family: descendants are constructed after `prepare`, and `start` follows the children. */
  #orderFamily(node: ComponentNode): void {
    const { prepare, start } = this.#stepsOf.get(node)!;
    const before = prepare ?? this.#prepareAbove.get(node);
    for (const child of node.children) {
      const steps = this.#stepsOf.get(child)!;
      if (before) {
        steps.construct.needs.push(before.index);
        this.#prepareAbove.set(child, before);
      }
      start?.needs.push(steps.last.index);
    }
  }

  #wire(node: ComponentNode): PlannedComponent {
    const steps = this.#stepsOf.get(node)!;
    const { declarations } = node;
    const uses: number[] = [];
    const wiring = wiringOf(declarations, (declaration) => {
      const { member, index } = declaration;
      const step = member === undefined || index === undefined ? steps.construct : stepCalling(member, steps);
      if (!step && member !== 'ready' && !isCalledLater(member!, declarations)) {
        this.#problems.push(uncalledMethod(node, declaration));
        return undefined;
      }
      const inContext = step?.provider?.declaration.scope === 'context' || (!step && member !== 'ready');
      const lifetime = inContext ? 'context' : 'application';
      return this.#resolver.follow({ declaration, node, lifetime, step, uses });
    });
    const handlers = declarations.handlers.flatMap((declaration): Handler[] => {
      const key = this.#resolver.follow({ declaration, node, lifetime: 'application', step: undefined, uses });
      if (!key) return [];
      const names = declaration.all ? Array.from(this.#table.named(key.id), ([name]) => name) : [key.name];
      return [{ declaration, keys: names.map((name) => ({ id: key.id, name })) }];
    });
    const lookups = declarations.lookups.flatMap((declaration): Need[] => {
      const key = this.#resolver.follow({ declaration, node, lifetime: 'context', step: undefined, uses });
      return key ? [{ declaration, key }] : [];
    });
    const { construct, last } = steps;
    const { tasks } = declarations;
    return { node, wiring, lookups, handlers, tasks, firstStep: construct.index, lastStep: last.index, uses };
  }
}

/** Returns the step that calls a method, or undefined if the method is called later or never. */
function stepCalling(member: PropertyKey, { prepare, provide, start }: ComponentSteps): Step | undefined {
  if (member === 'prepare') return prepare;
  if (member === 'start') return start;
  return provide.find((step) => step.provider!.declaration.member === member);
}

/** Returns whether a method is a task, a handler or a health check. */
function isCalledLater(member: PropertyKey, { tasks, handlers, healthChecks }: Declarations): boolean {
  return [...tasks, ...handlers, ...healthChecks].some((other) => other.member === member);
}

function hasHook({ declarations }: ComponentNode, hook: Hook): boolean {
  return declarations.hooks.includes(hook);
}
