/** Reads the `lookups` of `@component`, and the resources that objects of libraries look up. */
import { checkName } from '../context/check-key.ts';
import { defaultName, isIdentifier, type AnyIdentifier } from '../context/key.ts';
import { IdentifierError } from '../context/resource-errors.ts';
import { lookups, type LookupSource, type Wanted } from './component-options.ts';
import type { NeedDeclaration } from './declaration-types.ts';
import { placeOf, placeText, type Site } from './place.ts';

/** Returns one declaration per key, although several sources of a component often look up the same one. */
export function lookupDeclarations(entries: ReadonlyArray<Wanted | LookupSource>, site: Site): NeedDeclaration[] {
  const found: NeedDeclaration[] = [];
  // JavaScript may pass one entry without a list.
  for (const wanted of [entries].flat().flatMap(wantedBy)) {
    const { id, name, optional } = checkWanted('@component()', wanted, site);
    if (found.some((other) => other.id === id && other.name === name && other.optional === optional)) continue;
    // Like a deferred need, a lookup returns the current resource, so it affects neither the start order nor restarts.
    const timing = { deferred: true, all: false, isLookup: true } as const;
    found.push({ id, name, optional, ...timing, member: undefined, index: undefined, site });
  }
  return found;
}

/** Returns the resources of an entry. */
function wantedBy(entry: Wanted | LookupSource): readonly Wanted[] {
  const isSource = (typeof entry === 'function' || isObject(entry)) && lookups in entry;
  return isSource ? entry[lookups] : [entry as Wanted];
}

/**
 * Returns the parts of an entry.
 *
 * @throws {@link IdentifierError} when it has neither a class nor a token
 * @throws {@link ResourceNameError} when its name is no resource name
 */
export function checkWanted(
  caller: string,
  wanted: Wanted,
  site: Site,
): { readonly id: AnyIdentifier<unknown>; readonly name: string; readonly optional: boolean } {
  const { id, name = defaultName, optional = false } = isObject(wanted) && 'id' in wanted ? wanted : { id: wanted };
  checkIdentifier(caller, id, site);
  checkName(name);
  return { id, name, optional };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Throws unless a decorator received an identifier. A lazy one is resolved when the graph is built. */
export function checkIdentifier(decorator: string, id: unknown, site: Site): void {
  const lazy = isObject(id) && 'unwrap' in id;
  if (lazy || isIdentifier(id)) return;
  const place = placeOf(site);
  throw new IdentifierError(decorator, id, { place, text: placeText(place) });
}
