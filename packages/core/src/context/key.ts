/**
 * What resources are shared under: a service identifier (a class or a token) and a name.
 */
import { AsphaltError } from '../errors/asphalt-error.ts';

/** A class of which instances are `T`, also an abstract one or one with a private constructor. */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- only `Function` covers private constructors
export type ClassOf<T> = Function & { readonly prototype: T };

/** Names a resource whose type is no class: an interface, a function or a plain value. Made by {@link token}. */
export class Token<T> {
  /** Exists for the compiler alone, so that tokens of different types differ. */
  declare protected readonly type: T;

  readonly name: string;

  /** @param key - what inversify calls the resource, too, in classes that its decorators stand in */
  constructor(readonly key: string | symbol) {
    this.name = typeof key === 'string' ? key : (key.description ?? '(symbol)');
  }

  toString(): string {
    return this.name;
  }
}

/**
 * Makes an identifier for resources of type `T`; the name is what errors and graphs show. Made with a symbol, it stands
 * for the resource that classes of inversify know under that symbol.
 */
export function token<T>(name: string | symbol): Token<T> {
  return new Token<T>(name);
}

/** The type half of a key: a class, an abstract class or a token. Compared by identity. */
export type ServiceIdentifier<T> = ClassOf<T> | Token<T>;

/** An identifier that is read when the graph is built: for imports that are circular. */
export class LazyServiceIdentifier<T> {
  constructor(readonly unwrap: () => ServiceIdentifier<T>) {}
}

/** The name of resources that were given none. */
export const defaultName = 'default';

/** A key: what a resource is published under and looked up by. */
export interface Key {
  readonly id: ServiceIdentifier<unknown>;
  readonly name: string;
}

/**
 * Follows a lazy identifier to the real one.
 *
 * @throws {@link IdentifierError} when that is still undefined, or is none.
 */
export function unwrapIdentifier<T>(id: ServiceIdentifier<T> | LazyServiceIdentifier<T>): ServiceIdentifier<T> {
  if (isIdentifier(id)) return id as ServiceIdentifier<T>;
  const real = id.unwrap();
  if (!isIdentifier(real)) throw new IdentifierError('A lazy identifier', real);
  return real;
}

/** How an identifier is called in messages. */
export function identifierName(id: ServiceIdentifier<unknown>): string {
  return id.name === '' ? '(anonymous class)' : id.name;
}

/** How a key is written in messages: `Mailer`, or `Mailer "bulk"` where the name is not the default one. */
export function keyText({ id, name }: Key): string {
  return name === defaultName ? identifierName(id) : `${identifierName(id)} "${name}"`;
}

export function isIdentifier(value: unknown): value is ServiceIdentifier<unknown> {
  return typeof value === 'function' || value instanceof Token;
}

/** Letters, digits, `_` and `-`, because names are parts of aliases, paths and variables. */
const namePattern = /^[\p{L}\p{N}_-]+$/u;
/** Nearly all of them: what knows the letters of all languages takes the engine half a millisecond to make. */
const plainNamePattern = /^[\w-]+$/;

/** Whether a text can be a resource's name, or a part of an alias. */
export function isName(text: string): boolean {
  return plainNamePattern.test(text) || namePattern.test(text);
}

/** @throws {@link ResourceNameError} when the name could not be part of an alias. */
export function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !isName(name)) throw new ResourceNameError(name);
}

/** Raised when a resource name contains other characters than letters, digits, `_` and `-`. */
export class ResourceNameError extends AsphaltError {
  readonly code = 'ERR_RESOURCE_NAME';

  constructor(readonly found: unknown) {
    super({
      summary: `A resource name must consist of letters, digits, "_" and "-", got ${JSON.stringify(found)}`,
      help: 'choose another name, such as "primary" or "read_only"',
    });
  }
}

/** Raised when something that is neither a class nor a token is used as a service identifier. */
export class IdentifierError extends AsphaltError {
  readonly code = 'ERR_IDENTIFIER';

  constructor(
    readonly where: string,
    readonly found: unknown,
  ) {
    super({
      summary: `${where} must be given a class or a token, got ${describeNoIdentifier(found)}`,
      details: [
        [
          'note',
          found === undefined ? 'a class is undefined while modules that import each other are loading' : undefined,
        ],
      ],
      help:
        found === undefined
          ? 'inject it lazily: new LazyServiceIdentifier(() => TheClass)'
          : "declare one: token<Type>('name')",
    });
  }
}

function describeNoIdentifier(found: unknown): string {
  if (typeof found === 'string') return JSON.stringify(found);
  if (typeof found !== 'object' || found === null) return String(found);
  return Array.isArray(found) && found.length === 0 ? 'an empty list' : 'an object that is neither';
}
