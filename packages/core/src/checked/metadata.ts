/** Reads the types that a compiler emits for methods with a decorator. */
// Compilers emit types only if it is loaded before the decorated class. Copies of it share their records.
import 'reflect-metadata';

export interface EmittedTypes {
  readonly parameters: readonly unknown[];
  readonly result: unknown;
}

/** Returns the types emitted for a method; undefined if none were emitted. */
export function emittedTypes(target: object, member: PropertyKey): EmittedTypes | undefined {
  const key = member as string | symbol;
  const parameters = Reflect.getOwnMetadata('design:paramtypes', target, key) as readonly unknown[] | undefined;
  return parameters && { parameters, result: Reflect.getOwnMetadata('design:returntype', target, key) };
}
