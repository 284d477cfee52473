/** Reads the types that a compiler emits for methods with a decorator. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export interface EmittedTypes {
  readonly parameters: readonly unknown[];
  readonly result: unknown;
}

type Metadata = (key: string, target: object, member: PropertyKey) => unknown;

/** Loads `reflect-metadata`, which stores the types that compilers emit, unless another copy is already loaded. */
export function loadMetadata(): void {
  if (!getMetadata()) require('reflect-metadata');
}

/** Returns the types emitted for a method; undefined if none were emitted. */
export function emittedTypes(target: object, member: PropertyKey): EmittedTypes | undefined {
  const read = getMetadata();
  const parameters = read?.('design:paramtypes', target, member) as readonly unknown[] | undefined;
  return parameters && { parameters, result: read!('design:returntype', target, member) };
}

function getMetadata(): Metadata | undefined {
  return (Reflect as { readonly getOwnMetadata?: Metadata }).getOwnMetadata;
}
