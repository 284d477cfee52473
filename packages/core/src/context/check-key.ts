/** Checks identifiers and names that the caller passes. */
import { isIdentifier, isName, type LazyServiceIdentifier, type ServiceIdentifier } from './key.ts';
import { IdentifierError, ResourceNameError } from './resource-errors.ts';

/** One or more identifiers of the same resource. */
export type Ids<T> = ServiceIdentifier<T> | readonly [ServiceIdentifier<T>, ...Array<ServiceIdentifier<T>>];

export type IdList = ReadonlyArray<ServiceIdentifier<unknown>>;

/**
 * Resolves a lazy identifier; returns any other identifier as it is.
 *
 * @throws {@link IdentifierError} when the result is undefined or is neither a class nor a token
 */
export function unwrapIdentifier<T>(id: ServiceIdentifier<T> | LazyServiceIdentifier<T>): ServiceIdentifier<T> {
  if (isIdentifier(id)) return id as ServiceIdentifier<T>;
  const real = id.unwrap();
  if (!isIdentifier(real)) throw new IdentifierError('A lazy identifier', real);
  return real;
}

/** @throws {@link ResourceNameError} when the name cannot be part of an alias */
export function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !isName(name)) throw new ResourceNameError(name);
}

/** Validates identifiers and a name. @returns the identifiers as a list */
export function checkKeys<T>(ids: Ids<T>, name: string, where: string): ReadonlyArray<ServiceIdentifier<T>> {
  const list = (Array.isArray(ids) ? ids : [ids]) as ReadonlyArray<ServiceIdentifier<T>>;
  if (list.length === 0) throw new IdentifierError(where, list);
  for (const id of list) if (!isIdentifier(id)) throw new IdentifierError(where, id);
  checkName(name);
  return list;
}
