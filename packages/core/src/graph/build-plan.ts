/**
 * Makes the plan of a tree of components: gives every provider its key and step, follows every need to its provider,
 * and gathers everything that is wrong on the way. Runs no code of the application but lazy identifiers.
 */
import { declaredIdentifier, type NameFromConfig, type NeedDeclaration } from '../component/declarations.ts';
import type { Site } from '../component/place.ts';
import { defaultName, identifierName, type Key, type ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';
import { AsphaltError } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { ComponentNode } from './component-node.ts';
import { describeCycles } from './describe-cycles.ts';
import type { Handler, Need, Plan, PlannedComponent, Provider, Step, StepKind, Wiring } from './plan.ts';
import { DecoratorError, DuplicateProviderError, memberText, MissingProviderError, ScopeError } from './problems.ts';

/** Where an injected value lives: as long as the application, or as long as one context. */
type Lifetime = 'application' | 'context';

export function buildPlan(nodes: readonly ComponentNode[], earlier: readonly AsphaltError[] = []): Plan {
  return new PlanBuilder(nodes, earlier).build();
}

/** The steps of one component, while the plan is being made. */
interface ComponentSteps {
  readonly construct: Step;
  readonly prepare: Step | undefined;
  readonly provide: Step[];
  readonly start: Step | undefined;
  /** What waits for this component waits for this one. */
  readonly last: Step;
}

class PlanBuilder {
  readonly #nodes: readonly ComponentNode[];
  readonly #problems: AsphaltError[];
  readonly #steps: Step[] = [];
  readonly #stepsOf = new Map<ComponentNode, ComponentSteps>();
  readonly #providers: Provider[] = [];
  readonly #table = new ResourceTable<Provider>();

  constructor(nodes: readonly ComponentNode[], earlier: readonly AsphaltError[]) {
    this.#nodes = nodes;
    this.#problems = [...earlier];
  }

  build(): Plan {
    for (const node of this.#nodes) {
      this.#reportMisuses(node);
      this.#addSteps(node);
    }
    for (const node of this.#nodes) this.#orderFamily(node);
    const components = this.#nodes.map((node) => this.#wire(node));
    this.#problems.push(...describeCycles(this.#steps, components));
    return {
      root: this.#nodes[0]!,
      components,
      steps: this.#steps,
      providers: this.#providers,
      problems: this.#problems,
    };
  }

  #reportMisuses(node: ComponentNode): void {
    for (const { decorator, member, reason, help, site } of node.declarations.misuses) {
      this.#problems.push(new DecoratorError(decorator, node, memberText(member, undefined), reason, help, site));
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
        ids: declaration.ids.map(declaredIdentifier),
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
    const joins = hasHook(node, 'start') || node.children.length > 0 || provide.length > 0;
    const start = joins ? this.#addStep('start', node) : undefined;
    if (start) start.needs.push(ready.index, ...provide.map(({ index }) => index));
    const last = start ?? ready;
    for (const provider of byHand) provider.step = last.index;
    this.#stepsOf.set(node, { construct, prepare, provide, start, last });
  }

  #register(provider: Provider): void {
    this.#providers.push(provider);
    for (const id of provider.ids) {
      const first = this.#table.get(id, provider.name);
      if (!first) this.#table.set(id, provider.name, provider);
      // Several components may open contexts that carry a key: two web servers both bring a `Request`.
      else if (!isCarried(first) || !isCarried(provider)) this.#reportDuplicate(id, first, provider);
    }
  }

  #reportDuplicate(id: ServiceIdentifier<unknown>, first: Provider, again: Provider): void {
    const told = ({ node, declaration: { member, site } }: Provider): { node: ComponentNode; site: Site; member: string } => ({
      node,
      site,
      member: memberText(member, undefined),
    });
    this.#problems.push(new DuplicateProviderError({ id, name: again.name }, told(first), told(again)));
  }

  /** A parent prepares before its children are made and starts after they have started. */
  #orderFamily(node: ComponentNode): void {
    const { prepare, start } = this.#stepsOf.get(node)!;
    for (const child of node.children) {
      const steps = this.#stepsOf.get(child)!;
      if (prepare) steps.construct.needs.push(prepare.index);
      start?.needs.push(steps.last.index);
    }
  }

  #wire(node: ComponentNode): PlannedComponent {
    const steps = this.#stepsOf.get(node)!;
    const { declarations } = node;
    const readyNeeds: number[] = [];
    const inContext = new Set([...declarations.tasks, ...declarations.handlers].map(({ member }) => member));
    const stepOfMember = new Map<PropertyKey, Step>();
    for (const step of steps.provide) stepOfMember.set(step.provider!.declaration.member!, step);
    if (steps.prepare) stepOfMember.set('prepare', steps.prepare);
    if (steps.start) stepOfMember.set('start', steps.start);

    const constructor: Array<Need | undefined> = [];
    const properties: Need[] = [];
    const methods = new Map<PropertyKey, Array<Need | undefined>>();
    for (const declaration of declarations.needs) {
      const { member, index } = declaration;
      const step = member === undefined || index === undefined ? steps.construct : stepOfMember.get(member);
      const late = member === 'ready' || (member !== undefined && inContext.has(member));
      if (!step && !late) {
        this.#reportUncalled(node, declaration);
        continue;
      }
      const factory = step?.provider?.declaration.scope === 'context';
      const lifetime: Lifetime = factory || (late && member !== 'ready') ? 'context' : 'application';
      const need = this.#follow(node, declaration, lifetime, step ? step.needs : readyNeeds);
      if (member === undefined) constructor[index!] = need;
      else if (index === undefined) properties.push(need);
      else {
        const parameters = methods.get(member) ?? [];
        parameters[index] = need;
        methods.set(member, parameters);
      }
    }
    const handlers = declarations.handlers.map((declaration): Handler => {
      const id = declaredIdentifier(declaration.id);
      if (declaration.all) {
        const named = [...this.#table.named(id)];
        for (const [, provider] of named) this.#use(provider, readyNeeds);
        return { declaration, keys: named.map(([name]) => ({ id, name })) };
      }
      const key = { id, name: this.#nameOf(declaration.name, id, node) };
      this.#find(key, node, declaration, 'application', readyNeeds, false);
      return { declaration, keys: [key] };
    });
    const wiring: Wiring = { constructor, properties, methods };
    return { node, wiring, handlers, tasks: declarations.tasks, lastStep: steps.last.index, readyNeeds };
  }

  /** A component that provides the identifier itself, under the name in its alias, means its own. */
  #nameOf(name: string | NameFromConfig | undefined, id: ServiceIdentifier<unknown>, node: ComponentNode): string {
    if (typeof name === 'string') return name;
    if (name) return String(node.config[name.option] ?? defaultName);
    return this.#table.get(id, node.resourceName)?.node === node ? node.resourceName : defaultName;
  }

  /** Finds what a need means and notes the steps that it makes its own step wait for. */
  #follow(node: ComponentNode, declaration: NeedDeclaration, lifetime: Lifetime, waitsFor: number[]): Need {
    const id = declaredIdentifier(declaration.id);
    if (declaration.all) {
      for (const [, provider] of this.#table.named(id)) this.#use(provider, waitsFor);
      return { declaration, key: { id, name: defaultName } };
    }
    const key = { id, name: this.#nameOf(declaration.name, id, node) };
    this.#find(key, node, declaration, lifetime, declaration.deferred ? [] : waitsFor, declaration.optional);
    return { declaration, key };
  }

  #find(
    key: Key,
    node: ComponentNode,
    { member, index, site }: { member: PropertyKey | undefined; index?: number | undefined; site: Site },
    lifetime: Lifetime,
    waitsFor: number[],
    optional: boolean,
  ): void {
    const provider = this.#table.get(key.id, key.name);
    if (provider) {
      this.#use(provider, waitsFor);
      if (lifetime === 'application' && provider.declaration.scope === 'context') {
        this.#problems.push(new ScopeError(key, node, memberText(member, index), site, provider.node));
      }
    } else if (!optional) {
      this.#reportMissing(key, node, memberText(member, index), site);
    }
  }

  #use(provider: Provider, waitsFor: number[]): void {
    provider.used = true;
    waitsFor.push(provider.step);
  }

  #reportMissing(key: Key, node: ComponentNode, member: string, site: Site): void {
    const otherNames = Array.from(this.#table.named(key.id), ([name, provider]) => ({ name, node: provider.node }));
    const id = identifierName(key.id);
    const provided = new Set(this.#providers.flatMap(({ ids }) => ids.map(identifierName)));
    const similar = otherNames.length > 0 ? [] : [...(provided.has(id) ? [id] : []), ...nearMisses(id, provided)];
    this.#problems.push(new MissingProviderError(key, node.path, { node, member, site, otherNames, similar }));
  }

  #reportUncalled(node: ComponentNode, { member, index, site }: NeedDeclaration): void {
    const help = 'make the method a @provides, @task or @on, or take a hook: prepare, start or ready';
    const reason = 'the runtime does not call this method';
    this.#problems.push(new DecoratorError('@inject()', node, memberText(member, index), reason, help, site));
  }
}

function hasHook(node: ComponentNode, hook: 'prepare' | 'start'): boolean {
  return typeof (node.type.prototype as Record<string, unknown>)[hook] === 'function';
}

/** Whether the key is brought by the contexts that a component opens. */
function isCarried({ declaration }: Provider): boolean {
  return declaration.member === undefined && declaration.scope === 'context';
}
