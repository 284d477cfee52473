/**
 * What decorators say of a class, kept on the class itself as plain records. Decorators only write here; the graph
 * only reads. A subclass inherits what its base class declares, member by member.
 */
import { unwrapIdentifier, type LazyServiceIdentifier, type ServiceIdentifier } from '../context/key.ts';
import type { ComponentOptions } from './component-options.ts';
import type { Site } from './place.ts';

/** A resource name that is read from an option of the component. */
export interface NameFromConfig {
  readonly option: string;
}

export type DeclaredIdentifier = ServiceIdentifier<unknown> | LazyServiceIdentifier<unknown>;

/** An `@inject` or `@injectAll`. */
export interface NeedDeclaration {
  readonly id: DeclaredIdentifier;
  readonly name: string | NameFromConfig | undefined;
  readonly optional: boolean;
  readonly deferred: boolean;
  /** Every resource with the identifier, as a map. */
  readonly all: boolean;
  /** The property or method; undefined for the constructor. */
  readonly member: PropertyKey | undefined;
  /** The parameter; undefined for a property. */
  readonly index: number | undefined;
  readonly site: Site;
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
  readonly site: Site;
}

/** An `@on` or `@onAll`. */
export interface HandlerDeclaration {
  readonly id: DeclaredIdentifier;
  readonly name: string | NameFromConfig | undefined;
  readonly all: boolean;
  readonly select: (resource: never, name: string) => unknown;
  readonly concurrency: number;
  readonly member: PropertyKey;
  readonly site: Site;
}

/** A decorator that stands where it means nothing. */
export interface Misuse {
  readonly decorator: string;
  readonly member: PropertyKey | undefined;
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
}

type MutableDeclarations = { -readonly [K in keyof Declarations]: Declarations[K] };

const own: unique symbol = Symbol('asphalt.declarations');
const merged: unique symbol = Symbol('asphalt.declarations.merged');

type Class = abstract new (...args: never[]) => object;
type Declared = Class & { [own]?: MutableDeclarations; [merged]?: Declarations };

/** The records of one class alone, to add to. */
export function ownDeclarations(type: Class): MutableDeclarations {
  const declared = type as Declared;
  if (!Object.hasOwn(declared, own)) {
    const value = { component: undefined, needs: [], providers: [], tasks: [], handlers: [], misuses: [] };
    Object.defineProperty(declared, own, { value });
  }
  return declared[own]!;
}

/** Everything that holds for a class: its own records and those that it inherits. */
export function declarationsOf(type: Class): Declarations {
  const declared = type as Declared;
  if (Object.hasOwn(declared, merged)) return declared[merged]!;
  const mine = ownDeclarations(type);
  const parent = Object.getPrototypeOf(type) as Class | null;
  const base = parent === null || parent === Function.prototype ? undefined : declarationsOf(parent);
  const value = base ? inherit(base, mine) : mine;
  Object.defineProperty(declared, merged, { value });
  return value;
}

/** What the subclass says of a member replaces what its base class says of that member. */
function inherit(base: Declarations, mine: Declarations): Declarations {
  const memberOf = <D extends { member: PropertyKey | undefined }>(kind: readonly D[]): Set<PropertyKey | undefined> =>
    new Set(kind.map(({ member }) => member));
  const overlay = <D extends { member: PropertyKey | undefined }>(below: readonly D[], above: readonly D[]): D[] => {
    const replaced = memberOf(above);
    return [...below.filter(({ member }) => !replaced.has(member)), ...above];
  };
  // Published by hand in `start()`: both classes may, under different identifiers.
  const classLevel = base.providers.filter(({ member }) => member === undefined);
  return {
    component: mine.component ?? base.component,
    needs: overlay(base.needs, mine.needs),
    providers: [
      ...classLevel,
      ...overlay(
        base.providers.filter(({ member }) => member !== undefined),
        mine.providers,
      ),
    ],
    tasks: overlay(base.tasks, mine.tasks),
    handlers: overlay(base.handlers, mine.handlers),
    misuses: mine.misuses,
  };
}

/** The real identifier of a declaration; may throw what a lazy one throws. */
export function declaredIdentifier(id: DeclaredIdentifier): ServiceIdentifier<unknown> {
  return unwrapIdentifier(id);
}
