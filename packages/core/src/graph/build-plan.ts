/**
 * Makes the plan of a tree of components: gives every provider its key and step, follows every need to its provider,
 * and gathers everything that is wrong on the way. Runs no code of the application but lazy identifiers.
 */
import type { HandlerDeclaration, Hook, NeedDeclaration, ProviderDeclaration } from '../component/declarations.ts';
import { defaultName, identifierName, type Key, type ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';
import { describeThrown, type AsphaltError } from '../errors/asphalt-error.ts';
import type { ComponentNode } from './component-node.ts';
import { declarationProblems, nameFault, uncalledMethod } from './declaration-problems.ts';
import { describeCycles } from './describe-cycles.ts';
import { Identifiers } from './identifiers.ts';
import { Injectables } from './injectables.ts';
import type { Handler, Need, Plan, PlannedComponent, Provider, Step, StepKind, Wiring } from './plan.ts';
import { DecoratorError, DuplicateProviderError, MissingProviderError, ScopeError, slotText } from './problems.ts';
import { SimilarNames } from './similar-names.ts';

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
  readonly #nodes: ComponentNode[];
  readonly #problems: AsphaltError[];
  readonly #steps: Step[] = [];
  readonly #stepsOf = new Map<ComponentNode, ComponentSteps>();
  /** The nearest `prepare` above a component. */
  readonly #prepareAbove = new Map<ComponentNode, Step>();
  readonly #providers: Provider[] = [];
  readonly #table = new ResourceTable<Provider>();
  readonly #identifiers = new Identifiers();
  readonly #similar = new SimilarNames(this.#providers);

  constructor(nodes: readonly ComponentNode[], earlier: readonly AsphaltError[]) {
    this.#nodes = [...nodes];
    this.#problems = [...earlier];
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
      steps: this.#steps,
      providers: this.#providers,
      problems: this.#problems,
    };
  }

  #add(node: ComponentNode): void {
    this.#problems.push(...declarationProblems(node));
    this.#addSteps(node);
  }

  /** What an injectable class needs may be another one; it stands at the end of the nodes and has its turn there. */
  #addInjectables(): void {
    const injectables = new Injectables(this.#identifiers, this.#table, this.#nodes);
    for (const node of this.#nodes) {
      for (const type of injectables.neededBy(node)) {
        const made = injectables.nodeOf(type, node, this.#nodes.length);
        this.#nodes.push(made);
        this.#add(made);
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
        ids: declaration.ids.flatMap((id) => this.#identify(id, '@provides()', node, declaration) ?? []),
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
      this.#identifiers.learn(id);
      const first = this.#table.get(id, provider.name);
      if (!first) this.#table.set(id, provider.name, provider);
      // Several components may open contexts that carry a key: two web servers both bring a `Request`.
      else if (!isCarried(first) || !isCarried(provider)) this.#reportDuplicate(id, first, provider);
    }
  }

  #reportDuplicate(id: ServiceIdentifier<unknown>, first: Provider, again: Provider): void {
    this.#problems.push(new DuplicateProviderError({ id, name: again.name }, first, again));
  }

  /** Whoever has a `prepare` prepares before everything below it is made, and starts after its children have started. */
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
    const uses = new Set<number>();
    const late = new Set<PropertyKey>([...declarations.tasks, ...declarations.handlers].map(({ member }) => member));
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
      if (!step && member !== 'ready' && !late.has(member!)) {
        this.#problems.push(uncalledMethod(node, declaration));
        continue;
      }
      const inContext = step?.provider?.declaration.scope === 'context' || (!step && member !== 'ready');
      const lifetime: Lifetime = inContext ? 'context' : 'application';
      const key = this.#follow(declaration, node, lifetime, uses, declaration.deferred ? undefined : step);
      if (!key) continue;
      const need: Need = { declaration, key };
      if (member === undefined) constructor[index!] = need;
      else if (index === undefined) properties.push(need);
      else {
        const parameters = methods.get(member) ?? [];
        parameters[index] = need;
        methods.set(member, parameters);
      }
    }
    const handlers = declarations.handlers.flatMap((declaration): Handler[] => {
      const key = this.#follow(declaration, node, 'application', uses, undefined);
      if (!key) return [];
      const names = declaration.all ? Array.from(this.#table.named(key.id), ([name]) => name) : [key.name];
      return [{ declaration, keys: names.map((name) => ({ id: key.id, name })) }];
    });
    uses.delete(node.index);
    const wiring: Wiring = { constructor, properties, methods };
    const { construct, last } = steps;
    const { tasks } = declarations;
    return { node, wiring, handlers, tasks, firstStep: construct.index, lastStep: last.index, uses: [...uses] };
  }

  /** Finds the key that a declaration means, and what its component, and its step if it has one, wait for. */
  #follow(
    declaration: NeedDeclaration | HandlerDeclaration,
    node: ComponentNode,
    lifetime: Lifetime,
    uses: Set<number>,
    step: Step | undefined,
  ): Key | undefined {
    const { site } = declaration;
    const isNeed = 'index' in declaration;
    const place = slotText(declaration);
    const decorator = `${isNeed ? '@inject' : '@on'}${declaration.all ? 'All' : ''}()`;
    const id = this.#identify(declaration.id, decorator, node, declaration);
    if (!id) return undefined;
    const use = (provider: Provider, key: Key): void => {
      provider.used = true;
      if (lifetime === 'application' && provider.declaration.scope === 'context') {
        this.#problems.push(new ScopeError(key, node, place, site, provider.node));
      }
      // What a context brings along is there when the context is, and nobody has to be ordered after it.
      if (isCarried(provider) || (isNeed && declaration.deferred)) return;
      step?.needs.push(provider.step);
      uses.add(provider.node.index);
    };
    if (declaration.all) {
      for (const [name, provider] of this.#table.named(id)) use(provider, { id, name });
      return { id, name: defaultName };
    }
    const name = this.#nameOf(declaration, decorator, id, node);
    if (name === undefined) return undefined;
    const key = { id, name };
    const provider = this.#table.get(id, key.name);
    if (provider) use(provider, key);
    else if (!(isNeed && declaration.optional)) this.#reportMissing(key, node, declaration);
    return key;
  }

  /** The real identifier of a declaration; undefined where a lazy one has none, which is reported. */
  #identify(
    declared: NeedDeclaration['id'],
    decorator: string,
    node: ComponentNode,
    declaration: NeedDeclaration | HandlerDeclaration | ProviderDeclaration,
  ): ServiceIdentifier<unknown> | undefined {
    try {
      return this.#identifiers.of(declared);
    } catch (error) {
      const help = 'have it return a class or a token that is there when all modules are loaded';
      const reason = `its lazy identifier fails: ${describeThrown(error)}`;
      this.#problems.push(new DecoratorError(decorator, node, slotText(declaration), reason, help, declaration.site));
      return undefined;
    }
  }

  /** A component that provides the identifier itself, under the name in its alias, means its own. */
  #nameOf(
    declaration: NeedDeclaration | HandlerDeclaration,
    decorator: string,
    id: ServiceIdentifier<unknown>,
    node: ComponentNode,
  ): string | undefined {
    const { name, site } = declaration;
    if (typeof name === 'string') return name;
    if (!name) return this.#table.get(id, node.resourceName)?.node === node ? node.resourceName : defaultName;
    const { option } = name;
    const known = Object.keys(node.declarations.component?.options.config?.options ?? {});
    const value = node.config[option] ?? defaultName;
    if (known.includes(option) && typeof value === 'string') return value;
    const { reason, help } = nameFault(option, known);
    this.#problems.push(new DecoratorError(decorator, node, slotText(declaration), reason, help, site));
    return undefined;
  }

  #reportMissing(key: Key, node: ComponentNode, declaration: NeedDeclaration | HandlerDeclaration): void {
    const { site } = declaration;
    const member = slotText(declaration);
    const inversify = 'inversify' in declaration;
    const otherNames = Array.from(this.#table.named(key.id), ([name, provider]) => ({ name, node: provider.node }));
    const similar = otherNames.length > 0 ? [] : this.#similar.to(identifierName(key.id));
    this.#problems.push(new MissingProviderError(key, { node, member, site, otherNames, similar, inversify }));
  }
}

function hasHook({ declarations }: ComponentNode, hook: Hook): boolean {
  return declarations.hooks.includes(hook);
}

/** Whether the key is brought by the contexts that a component opens. */
function isCarried({ declaration }: Provider): boolean {
  return declaration.member === undefined && declaration.scope === 'context';
}
