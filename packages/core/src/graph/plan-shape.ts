/**
 * Describes everything in a component that a plan depends on, as plain values. Applications whose components have equal
 * descriptions in the same order have equal plans.
 */
import type {
  Declarations,
  DeclaredIdentifier,
  ForeignIdentifier,
  HandlerDeclaration,
  NeedDeclaration,
  ProviderDeclaration,
} from '../component/declaration-types.ts';
import { declaredIdentifier } from '../component/declarations.ts';
import { isInjectable } from '../component/inversify-metadata.ts';
import { LazyServiceIdentifier, type Key } from '../context/key.ts';

/** A value that JSON can represent. Null is a member or a name that a declaration does not have. */
export type ShapeValue = string | number | null;

/** An identifier or a symbol. JSON cannot represent it, so it is described by a number that its repetitions share. */
export type Identity = Key['id'] | symbol;

/** Returns the identifier of a declaration; undefined for one of inversify, whose meaning depends on other components. */
export function ownIdentifier(declared: DeclaredIdentifier | ForeignIdentifier): Key['id'] | undefined {
  if (typeof declared === 'function') return isInjectable(declared) ? undefined : declared;
  if (typeof declared === 'string' || typeof declared === 'symbol') return undefined;
  if ('unwrap' in declared && !(declared instanceof LazyServiceIdentifier)) return undefined;
  const id = declaredIdentifier(declared);
  return isInjectable(id) ? undefined : id;
}

/** Returns the hooks that become steps, as a number. */
export function hooksIn({ hooks }: Declarations): number {
  return (hooks.includes('prepare') ? 1 : 0) + (hooks.includes('start') ? 2 : 0);
}

/** Returns the numbers of declarations that most components do not have. The last one counts problems. */
export function rareCounts(declarations: Declarations): readonly [number, number, number, number, number] {
  const { tasks, healthChecks, handlers, lookups, misuses, undeclared, lifecycle } = declarations;
  const faults = misuses.length + undeclared.length + lifecycle.length;
  return [tasks.length, healthChecks.length, handlers.length, lookups.length, faults];
}

/** Returns the scope of a provider, whether it has a name, and the number of its identifiers. */
export function kindOfProvider({ ids, name, scope }: ProviderDeclaration): number {
  return (scope === 'context' ? 1 : 0) + (name === undefined ? 0 : 2) + ids.length * 4;
}

/** Returns the options and the place of a need, and whether it has a name or reads one from an option. */
export function kindOfNeed({ name, optional, deferred, all, index, inversify }: NeedDeclaration): number {
  const flags = (optional ? 1 : 0) + (deferred ? 2 : 0) + (all ? 4 : 0) + (inversify ? 8 : 0);
  return flags + kindOfName(name) * 16 + (index === undefined ? 0 : index + 1) * 64;
}

export function kindOfHandler({ name, all }: HandlerDeclaration): number {
  return (all ? 1 : 0) + kindOfName(name) * 2;
}

function kindOfName(name: NeedDeclaration['name']): number {
  if (name === undefined) return 0;
  return typeof name === 'string' ? 1 : 2;
}
