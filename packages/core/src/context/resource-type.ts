/**
 * Whether a resource is what its identifier says. The compiler checks that already, so this is for what it cannot see,
 * such as JavaScript and casts; and like all checks of types it is left out in production.
 */
import { ResourceTypeError } from './errors.ts';
import type { ServiceIdentifier } from './key.ts';

/** Whether types are to be checked while the program runs: not in production, unless `ASPHALT_CHECKS` says otherwise. */
export function checksAreOn(): boolean {
  const { ASPHALT_CHECKS, NODE_ENV } = process.env;
  return ASPHALT_CHECKS === 'on' || (ASPHALT_CHECKS !== 'off' && NODE_ENV !== 'production');
}

type AnyClass = abstract new (...args: never[]) => unknown;

/**
 * The methods of a class that a value lacks; empty when the value fits. What has all methods of a class fits as its
 * instances do, because the type system of TypeScript lets it pass.
 */
export function missingMethods(type: AnyClass, value: unknown): PropertyKey[] {
  if (value instanceof type) return [];
  const has = (method: PropertyKey): boolean =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Record<PropertyKey, unknown>)[method] === 'function';
  return methodsOf(type).filter((method) => !has(method));
}

/** The methods of a class and of those that it extends. */
function methodsOf(type: AnyClass): PropertyKey[] {
  const methods = new Set<PropertyKey>();
  for (let at = type.prototype as object; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (key !== 'constructor' && typeof value === 'function') methods.add(key);
    }
  }
  return [...methods];
}

/**
 * Compares a value with the identifiers under which it is to be published; tokens say nothing of their values.
 *
 * @param by - who gives the value, as messages call it
 * @throws {@link ResourceTypeError} when it lacks methods of one of the classes
 */
export function checkResourceType(ids: ReadonlyArray<ServiceIdentifier<unknown>>, value: unknown, by: string): void {
  for (const id of ids) {
    if (typeof id !== 'function') continue;
    const missing = missingMethods(id as AnyClass, value);
    if (missing.length > 0) throw new ResourceTypeError(id, value, by, missing);
  }
}
