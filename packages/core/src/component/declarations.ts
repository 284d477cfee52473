/**
 * Stores the declarations of decorators on the class itself, as plain records. Decorators only write them, and the
 * graph only reads them. A subclass inherits the declarations of its base class, member by member.
 */
import { unwrapIdentifier } from '../context/check-key.ts';
import type { LazyServiceIdentifier, ServiceIdentifier } from '../context/key.ts';
import type { Declarations, DeclaredIdentifier, Hook, Misuse } from './declaration-types.ts';
import { inversifyDeclarations } from './inversify-metadata.ts';
import type { Site } from './place.ts';
import { undeclaredParameters } from './undeclared-parameters.ts';

type MutableDeclarations = { -readonly [K in keyof Declarations]: Declarations[K] };

/** The records of a class: its own, and the cached union with the inherited ones. */
interface Records {
  readonly own: MutableDeclarations;
  all: Declarations | undefined;
}

const records: unique symbol = Symbol('asphalt.declarations');

type Class = abstract new (...args: never[]) => object;
type Declared = Class & { [records]?: Records };

/** Returns the records of the class itself, for decorators to extend. */
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
    lookups: [],
    providers: [],
    tasks: [],
    handlers: [],
    healthChecks: [],
    misuses: [],
    lifecycle: [],
    undeclared: [],
    hooks: [],
  };
}

/** Returns all declarations of a class: its own and the inherited ones. */
export function declarationsOf(type: Class): Declarations {
  const known = recordsOf(type);
  if (known.all) return known.all;
  const mine = withInversify(known.own, type);
  const parent = Object.getPrototypeOf(type) as Class | null;
  const base = parent === null || parent === Function.prototype ? undefined : declarationsOf(parent);
  const own = { ...mine, misuses: [...mine.misuses, ...contradictions(mine)], hooks: ownHooks(type) };
  const merged = base === undefined || base === nothing ? own : inherit(base, own);
  const found = undeclaredParameters(type, merged, base?.undeclared ?? []);
  // `withInversify` has already judged the constructor of a class of inversify.
  const undeclared =
    mine === known.own
      ? [...mine.undeclared, ...found]
      : [...merged.undeclared, ...found.filter((each) => !isOfConstructor(each))];
  const all = { ...merged, undeclared };
  return (known.all = isEmpty(all) ? nothing : all);
}

/** The declarations of `Component` and of other classes without decorators, shared. */
const nothing: Declarations = noDeclarations();

function isEmpty(declarations: Declarations): boolean {
  if (declarations.component !== undefined) return false;
  return Object.values(declarations).every((list) => list === undefined || list.length === 0);
}

/** Adds the declarations of inversify's decorators on the class itself. */
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
    undeclared: parameters
      .filter((index) => !theirs.declared.has(index) && !isOurs(index))
      .map((index) => ({ member: undefined, index, site: {}, inversify: true })),
  };
}

interface OfMember {
  readonly member: PropertyKey | undefined;
}

/**
 * Merges inherited and own declarations. Decorators of a subclass member replace those of the base class member. An
 * overridden member without decorators keeps its declarations and the needs of its parameters.
 */
function inherit(base: Declarations, mine: Declarations): Declarations {
  const methods = [...mine.providers, ...mine.tasks, ...mine.handlers, ...mine.healthChecks];
  const parts = methods.map(({ member }) => member);
  const redefined = new Set<PropertyKey | undefined>(parts.filter((member) => member !== undefined));
  const rewired = new Set([...redefined, ...mine.needs.map(({ member }) => member)]);
  const kept = <D extends OfMember>(inherited: readonly D[], replaced: ReadonlySet<PropertyKey | undefined>): D[] =>
    inherited.filter(({ member }) => !replaced.has(member));
  return {
    component: inheritOptions(base.component, mine.component),
    needs: [...kept(base.needs, rewired), ...mine.needs],
    lookups: [...base.lookups, ...mine.lookups],
    providers: [...kept(base.providers, redefined), ...mine.providers],
    tasks: [...kept(base.tasks, redefined), ...mine.tasks],
    handlers: [...kept(base.handlers, redefined), ...mine.handlers],
    healthChecks: [...kept(base.healthChecks, redefined), ...mine.healthChecks],
    misuses: [...kept(base.misuses, rewired), ...mine.misuses],
    lifecycle: [...kept(base.lifecycle, new Set(mine.lifecycle.map(({ member }) => member))), ...mine.lifecycle],
    undeclared: rewired.has(undefined)
      ? mine.undeclared
      : [...base.undeclared.filter(isOfConstructor), ...mine.undeclared],
    hooks: [...new Set([...base.hooks, ...mine.hooks])],
  };
}

/** Merges the `@component` options. Those of the subclass take precedence; the others are inherited. */
function inheritOptions(base: Declarations['component'], mine: Declarations['component']): Declarations['component'] {
  if (!base || !mine) return mine ?? base;
  return { site: mine.site, options: { ...base.options, ...mine.options } };
}

function isOfConstructor({ member }: OfMember): boolean {
  return member === undefined;
}

const hooks: ReadonlySet<unknown> = new Set<Hook>(['prepare', 'start', 'ready']);

/** Returns the hooks that the class itself implements. */
function ownHooks({ prototype }: Class): Hook[] {
  const methods = prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).filter(
    (name): name is Hook => hooks.has(name) && typeof methods[name] === 'function',
  );
}

/** Finds decorators that contradict each other: a method has one role, and a place receives one value. */
function contradictions({ needs, providers, tasks, handlers, healthChecks }: Declarations): Misuse[] {
  const found: Misuse[] = [];
  const claims: Array<{ readonly decorator: string; readonly member: PropertyKey }> = [];
  const claim = (decorator: string, { member, site }: OfMember & { readonly site: Site }): void => {
    if (member === undefined) return;
    const other = claims.findLast((earlier) => earlier.member === member)?.decorator;
    claims.push({ decorator, member });
    if (hooks.has(member)) {
      const reason = 'the runtime already calls this method as a hook';
      found.push({ decorator, member, reason, help: 'move its code to a method with another name', site });
    } else if (other !== undefined && !(isHandling(other) && isHandling(decorator))) {
      const help =
        other === '@provides()' && decorator === other
          ? 'list all identifiers in one decorator: @provides(A, B)'
          : 'use a separate method for each decorator';
      found.push({ decorator, member, reason: `the method is already decorated with ${other}`, help, site });
    }
  };
  providers.forEach((provider) => claim('@provides()', provider));
  tasks.forEach((task) => claim('@task()', task));
  handlers.forEach((handler) => claim(handler.all ? '@onAll()' : '@on()', handler));
  healthChecks.forEach((check) => claim('@health()', check));

  needs.forEach(({ all, member, index, site }, at) => {
    const isFirst = needs.findIndex((other) => other.member === member && other.index === index) === at;
    if (isFirst) return;
    const decorator = all ? '@injectAll()' : '@inject()';
    const reason = 'another value is already injected there';
    found.push({ decorator, member, index, reason, help: 'remove one of the two decorators', site });
  });
  return found;
}

function isHandling(decorator: string): boolean {
  return decorator.startsWith('@on');
}

/** Returns the identifier of a declaration. Rethrows the error of a lazy identifier. */
export function declaredIdentifier(id: DeclaredIdentifier): ServiceIdentifier<unknown> {
  return unwrapIdentifier(id as ServiceIdentifier<unknown> | LazyServiceIdentifier<unknown>);
}
