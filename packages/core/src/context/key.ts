/** The key of a resource: a service identifier (a class or a token) and a name. */

import { markCopy } from '../errors/copies.ts';

/** Identifies a resource whose type is not a class: an interface, a function or a plain value. See {@link token}. */
export class Token<T> {
  static {
    markCopy(this);
  }

  /** Declared for the compiler only: makes tokens of different types incompatible. */
  declare protected readonly type: T;

  readonly name: string;

  /** @param key - the identifier of the resource in classes that use inversify's decorators */
  constructor(readonly key: string | symbol) {
    this.name = typeof key === 'string' ? key : (key.description ?? '(symbol)');
  }

  toString(): string {
    return this.name;
  }
}

/**
 * Creates an identifier for resources of type `T`. Errors and graphs show its name. Classes that use inversify's
 * decorators can inject the resource by the same string or symbol.
 *
 * @param name - a name, or a symbol whose description is the name
 */
export function token<T>(name: string | symbol): Token<T> {
  return new Token<T>(name);
}

/** The type half of a key: a class, abstract or not, or a token. Compared by identity. */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- only `Function` covers private constructors
export type ServiceIdentifier<T> = (Function & { readonly prototype: T }) | Token<T>;

/** An identifier that is resolved when the graph is built, for circular imports. */
export class LazyServiceIdentifier<T> {
  /** `NoInfer`: the compiler must not read the type of an identifier of inversify from this member. */
  readonly unwrap: () => ServiceIdentifier<NoInfer<T>>;

  constructor(unwrap: () => ServiceIdentifier<T>) {
    this.unwrap = unwrap;
  }
}

/**
 * An identifier that decorators accept. The last member is a lazy identifier of inversify, whose types exist only where
 * inversify is installed.
 */
export type AnyIdentifier<T> =
  | ServiceIdentifier<T>
  | LazyServiceIdentifier<T>
  | { unwrap(): string | symbol | (abstract new (...args: never[]) => T) };

/** The name of a resource that is published without one. */
export const defaultName = 'default';

/** Returns the resource name of a lookup. */
export function nameOf(how: string | { readonly name?: string }): string {
  return typeof how === 'string' ? how : (how.name ?? defaultName);
}

/** The key that a resource is published under and looked up by. */
export interface Key {
  readonly id: ServiceIdentifier<unknown>;
  readonly name: string;
}

const exportedName: unique symbol = Symbol.for('@asphalt/core/exported-name') as never;

/** Sets the name of an identifier for messages. Subclasses do not inherit it. */
export function nameIdentifier(id: ServiceIdentifier<unknown>, name: string): void {
  Object.defineProperty(id, exportedName, { value: name, configurable: true });
}

/** Returns the name of an identifier for messages. */
export function identifierName(id: ServiceIdentifier<unknown>): string {
  if (Object.hasOwn(id, exportedName)) return (id as { readonly [exportedName]?: string })[exportedName]!;
  return id.name === '' ? '(anonymous class)' : id.name;
}

/** Formats a key for messages: `Mailer`, or `Mailer "bulk"` when the name is not the default one. */
export function keyText({ id, name }: Key): string {
  return name === defaultName ? identifierName(id) : `${identifierName(id)} "${name}"`;
}

export function isIdentifier(value: unknown): value is ServiceIdentifier<unknown> {
  return typeof value === 'function' || value instanceof Token;
}

/** Letters, digits, `_` and `-`, because names are part of aliases, paths and environment variables. */
const namePattern = /^[\p{L}\p{N}_-]+$/u;
/** Matches ASCII names; checked first. */
const plainNamePattern = /^[\w-]+$/;

/** Returns whether a string can be a resource name, or part of an alias. */
export function isName(text: string): boolean {
  return plainNamePattern.test(text) || namePattern.test(text);
}
