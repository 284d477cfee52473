/**
 * What decorators say of a class, kept on the class itself as plain records. Decorators only write here; the graph
 * only reads. A subclass inherits what its base class declares, member by member.
 */
import type { LazyServiceIdentifier as InversifyLazyServiceIdentifier } from 'inversify';
import { unwrapIdentifier, type LazyServiceIdentifier, type ServiceIdentifier } from '../context/key.ts';
import type { Overflow } from '../signal/event-queue.ts';
import type { ComponentOptions } from './component-options.ts';
import { inversifyDeclarations, type ForeignIdentifier } from './inversify-metadata.ts';
import type { Site } from './place.ts';

/** A resource name that is read from an option of the component. */
export interface NameFromConfig {
  readonly option: string;
}

/** What decorators take as an identifier; inversify's lazy one is as good as ours. */
export type AnyIdentifier<T> = ServiceIdentifier<T> | LazyServiceIdentifier<T> | InversifyLazyServiceIdentifier<T>;

export type DeclaredIdentifier = AnyIdentifier<unknown>;

/** An `@inject` or `@injectAll`, or one of inversify's decorators of the same meaning. */
export interface NeedDeclaration {
  readonly id: DeclaredIdentifier | ForeignIdentifier;
  readonly name: string | NameFromConfig | undefined;
  readonly optional: boolean;
  readonly deferred: boolean;
  /** Every resource with the identifier: as a map by name, or as inversify's list. */
  readonly all: boolean | 'list';
  /** The property or method; undefined for the constructor. */
  readonly member: PropertyKey | undefined;
  /** The parameter; undefined for a property. */
  readonly index: number | undefined;
  readonly site: Site;
  /** Whether inversify has it from a decorator of its own, or took it from the types that the compiler emits. */
  readonly inversify?: 'decorated' | 'emitted';
  /** Where it was declared, if a provider takes it on behalf of the class that it makes. */
  readonly declaredFor?: Pick<NeedDeclaration, 'member' | 'index'>;
}

/** A `@provides`. */
export interface ProviderDeclaration {
  readonly ids: readonly DeclaredIdentifier[];
  readonly name: string | undefined;
  readonly scope: 'application' | 'context';
  readonly dispose: ((value: never, error?: unknown) => unknown) | undefined;
  /** Undefined where the decorator stands on the class. */
  readonly member: PropertyKey | undefined;
  readonly site: Site;
}

/** A `@task`. */
export interface TaskDeclaration {
  readonly member: PropertyKey;
  readonly name: string | undefined;
  /** Whether what it returns is the application's exit code. */
  readonly endsApplication: boolean;
  readonly site: Site;
}

/** An `@on` or `@onAll`. */
export interface HandlerDeclaration {
  readonly id: DeclaredIdentifier;
  readonly name: string | NameFromConfig | undefined;
  readonly all: boolean;
  readonly select: (resource: never, name: string) => unknown;
  readonly concurrency: number;
  readonly capacity: number | undefined;
  readonly overflow: Overflow;
  readonly onError: ((error: unknown, event: never) => unknown) | undefined;
  readonly member: PropertyKey;
  readonly site: Site;
}

/** A method that inversify calls when an instance has been made, or before it goes. */
export interface LifecycleDeclaration {
  readonly decorator: '@postConstruct()' | '@preDestroy()';
  readonly member: PropertyKey;
}

/** A decorator that stands where it means nothing. */
export interface Misuse {
  readonly decorator: string;
  readonly member: PropertyKey | undefined;
  readonly index?: number | undefined;
  readonly reason: string;
  readonly help: string;
  readonly site: Site;
}

export interface Declarations {
  readonly component: { options: ComponentOptions; site: Site } | undefined;
  readonly needs: NeedDeclaration[];
  readonly providers: ProviderDeclaration[];
  readonly tasks: TaskDeclaration[];
  readonly handlers: HandlerDeclaration[];
  readonly misuses: Misuse[];
  readonly lifecycle: LifecycleDeclaration[];
  /** Constructor parameters of a class of inversify that nothing tells what to give. */
  readonly undeclared: number[];
  /** The hooks that it has as methods. */
  readonly hooks: Hook[];
}

export type Hook = 'prepare' | 'start' | 'ready';

type MutableDeclarations = { -readonly [K in keyof Declarations]: Declarations[K] };

/** What stands on a class: the records of the class alone and, once somebody asked, all that hold for it. */
interface Records {
  readonly own: MutableDeclarations;
  all: Declarations | undefined;
}

const records: unique symbol = Symbol('asphalt.declarations');

type Class = abstract new (...args: never[]) => object;
type Declared = Class & { [records]?: Records };

/** The records of one class alone, to add to. */
export function ownDeclarations(type: Class): MutableDeclarations {
  return recordsOf(type).own;
}

function recordsOf(type: Class): Records {
  const declared = type as Declared;
  if (!Object.hasOwn(declared, records)) {
    Object.defineProperty(declared, records, { value: { own: noDeclarations(), all: undefined } });
  }
  return declared[records]!;
}

function noDeclarations(): MutableDeclarations {
  return {
    component: undefined,
    needs: [],
    providers: [],
    tasks: [],
    handlers: [],
    misuses: [],
    lifecycle: [],
    undeclared: [],
    hooks: [],
  };
}

/** Everything that holds for a class: its own records and those that it inherits. */
export function declarationsOf(type: Class): Declarations {
  const known = recordsOf(type);
  if (known.all) return known.all;
  const mine = withInversify(known.own, type);
  const parent = Object.getPrototypeOf(type) as Class | null;
  const base = parent === null || parent === Function.prototype ? undefined : declarationsOf(parent);
  const own = { ...mine, misuses: [...mine.misuses, ...contradictions(mine)], hooks: ownHooks(type) };
  const all = base === undefined || base === nothing ? own : inherit(base, own);
  return (known.all = isEmpty(all) ? nothing : all);
}

/** What is said of `Component` itself and most other base classes. */
const nothing: Declarations = noDeclarations();

function isEmpty(declarations: Declarations): boolean {
  if (declarations.component !== undefined) return false;
  return Object.values(declarations).every((list) => list === undefined || list.length === 0);
}

/** Adds what inversify's decorators say of the class itself. */
function withInversify(mine: Declarations, type: Class): Declarations {
  const theirs = inversifyDeclarations(type);
  if (!theirs) return mine;
  const isOurs = (index: number | undefined): boolean =>
    mine.needs.some((need) => need.member === undefined && need.index === index);
  const needs = theirs.needs.filter(({ inversify, index }) => inversify !== 'emitted' || !isOurs(index));
  const parameters = Array.from({ length: type.length }, (_, index) => index);
  return {
    ...mine,
    needs: [...needs, ...mine.needs],
    misuses: [...theirs.misuses, ...mine.misuses],
    lifecycle: [...theirs.lifecycle],
    undeclared: parameters.filter((index) => !theirs.declared.has(index) && !isOurs(index)),
  };
}

interface OfMember {
  readonly member: PropertyKey | undefined;
}

/**
 * What the subclass says of a member replaces what its base class says of that member. A member that it overrides and
 * says nothing of stays what it is, with the needs of its parameters.
 */
function inherit(base: Declarations, mine: Declarations): Declarations {
  const parts = [...mine.providers, ...mine.tasks, ...mine.handlers].map(({ member }) => member);
  const redefined = new Set<PropertyKey | undefined>(parts.filter((member) => member !== undefined));
  const rewired = new Set([...redefined, ...mine.needs.map(({ member }) => member)]);
  const kept = <D extends OfMember>(below: readonly D[], gone: ReadonlySet<PropertyKey | undefined>): D[] =>
    below.filter(({ member }) => !gone.has(member));
  return {
    component: inheritOptions(base.component, mine.component),
    needs: [...kept(base.needs, rewired), ...mine.needs],
    providers: [...kept(base.providers, redefined), ...mine.providers],
    tasks: [...kept(base.tasks, redefined), ...mine.tasks],
    handlers: [...kept(base.handlers, redefined), ...mine.handlers],
    misuses: [...kept(base.misuses, rewired), ...mine.misuses],
    lifecycle: [...kept(base.lifecycle, new Set(mine.lifecycle.map(({ member }) => member))), ...mine.lifecycle],
    undeclared: rewired.has(undefined) ? mine.undeclared : [...base.undeclared, ...mine.undeclared],
    hooks: [...new Set([...base.hooks, ...mine.hooks])],
  };
}

/** The subclass says again what differs; its options, for one, are those that its base class reads. */
function inheritOptions(base: Declarations['component'], mine: Declarations['component']): Declarations['component'] {
  if (!base || !mine) return mine ?? base;
  return { site: mine.site, options: { ...base.options, ...mine.options } };
}

const hooks: ReadonlySet<unknown> = new Set<Hook>(['prepare', 'start', 'ready']);

/** Asks the class once for what it has: to ask each of many classes for what it lacks takes the engine long. */
function ownHooks({ prototype }: Class): Hook[] {
  const methods = prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).filter(
    (name): name is Hook => hooks.has(name) && typeof methods[name] === 'function',
  );
}

/** A member has one part to play, and a place takes one value: what decorators say beyond that cannot all hold. */
function contradictions({ needs, providers, tasks, handlers }: Declarations): Misuse[] {
  const found: Misuse[] = [];
  const claims: Array<{ readonly decorator: string; readonly member: PropertyKey }> = [];
  const claim = (decorator: string, { member, site }: OfMember & { readonly site: Site }): void => {
    if (member === undefined) return;
    const other = claims.findLast((earlier) => earlier.member === member)?.decorator;
    claims.push({ decorator, member });
    if (hooks.has(member)) {
      const reason = 'the runtime calls this method by itself, as a hook';
      found.push({ decorator, member, reason, help: 'move what it does into a method of another name', site });
    } else if (other !== undefined && !(isHandling(other) && isHandling(decorator))) {
      const help =
        other === '@provides()' && decorator === other
          ? 'name all identifiers in one: @provides(A, B)'
          : 'give each of them a method of its own';
      found.push({ decorator, member, reason: `the method is already decorated with ${other}`, help, site });
    }
  };
  providers.forEach((provider) => claim('@provides()', provider));
  tasks.forEach((task) => claim('@task()', task));
  handlers.forEach((handler) => claim(handler.all ? '@onAll()' : '@on()', handler));

  needs.forEach(({ all, member, index, site }, at) => {
    const isFirst = needs.findIndex((other) => other.member === member && other.index === index) === at;
    if (isFirst) return;
    const decorator = all ? '@injectAll()' : '@inject()';
    const reason = 'something else is injected there already';
    found.push({ decorator, member, index, reason, help: 'keep one of the two', site });
  });
  return found;
}

function isHandling(decorator: string): boolean {
  return decorator.startsWith('@on');
}

/** The real identifier of a declaration; may throw what a lazy one throws. */
export function declaredIdentifier(id: DeclaredIdentifier): ServiceIdentifier<unknown> {
  return unwrapIdentifier(id as ServiceIdentifier<unknown> | LazyServiceIdentifier<unknown>);
}
