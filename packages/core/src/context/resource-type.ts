/**
 * Checks at run time that a resource fits its identifier. The compiler already checks this; the run-time check covers
 * JavaScript code and casts. It is skipped in production.
 */
import { ResourceTypeError } from './resource-errors.ts';
import type { ServiceIdentifier } from './key.ts';

/** Returns whether run-time type checks are enabled: not in production, unless `ASPHALT_CHECKS` overrides it. */
export function checksAreOn(): boolean {
  const { ASPHALT_CHECKS, NODE_ENV } = process.env;
  return ASPHALT_CHECKS === 'on' || (ASPHALT_CHECKS !== 'off' && NODE_ENV !== 'production');
}

type AnyClass = abstract new (...args: never[]) => unknown;

/**
 * Returns the methods of a class that a value lacks. As in TypeScript's structural type system, a value that has all
 * methods fits even if it is not an instance.
 */
export function missingMethods(type: AnyClass, value: unknown): PropertyKey[] {
  if (value instanceof type) return [];
  const has = (method: PropertyKey): boolean =>
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Record<PropertyKey, unknown>)[method] === 'function';
  return methodsOf(type).filter((method) => !has(method));
}

/** Returns the methods of a class and its base classes. */
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
 * Checks a value against the identifiers that it will be published under. Tokens are skipped: they have no run-time
 * type.
 *
 * @param by - the source of the value, for messages
 * @throws {@link ResourceTypeError} when it lacks methods of one of the classes
 */
export function checkResourceType(ids: ReadonlyArray<ServiceIdentifier<unknown>>, value: unknown, by: string): void {
  for (const id of ids) {
    if (typeof id !== 'function') continue;
    const missing = missingMethods(id as AnyClass, value);
    if (missing.length > 0) throw new ResourceTypeError(id, value, by, missing);
  }
}
