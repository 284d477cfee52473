/** The types that a compiler emits for what has a decorator. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export interface EmittedTypes {
  readonly parameters: readonly unknown[];
  readonly result: unknown;
}

type Metadata = (key: string, target: object, member: PropertyKey) => unknown;

/** Has compilers' decorators keep what they emit; loaded on first use, because it takes a while. */
export function loadMetadata(): void {
  if (!getMetadata()) require('reflect-metadata');
}

/** What was emitted for a method; undefined where nothing was. */
export function emittedTypes(target: object, member: PropertyKey): EmittedTypes | undefined {
  const read = getMetadata();
  const parameters = read?.('design:paramtypes', target, member) as readonly unknown[] | undefined;
  return parameters && { parameters, result: read!('design:returntype', target, member) };
}

function getMetadata(): Metadata | undefined {
  return (Reflect as { readonly getOwnMetadata?: Metadata }).getOwnMetadata;
}
