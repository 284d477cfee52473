/**
 * Thrown values on their way between threads. A structured clone keeps neither the class of an error nor its own fields
 * nor, on every version of Node, its cause; so errors are taken apart here and put together again on the other side.
 */
import { inspect } from 'node:util';

/** Anything that was thrown, in a form that can be cloned. */
export type Thrown =
  | { readonly error: ErrorRecord }
  | { readonly value: unknown }
  | { readonly list: readonly Thrown[] };

export interface ErrorRecord {
  /** The names of the error's class and of those that it extends, nearest first. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: readonly ErrorField[];
}

interface ErrorField {
  readonly key: string;
  /** The key is a symbol from the registry of symbols, which all threads share. */
  readonly isSymbol: boolean;
  readonly enumerable: boolean;
  readonly value: Thrown;
}

/** A class of errors, to be recognised by its name. */
export type ErrorClass = abstract new (...args: never[]) => Error;

const builtIn: readonly ErrorClass[] = [
  Error,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
];

/** Takes a thrown value apart. What cannot be cloned becomes text, and a cause that leads back to itself is cut. */
export function recordThrown(thrown: unknown, above: readonly unknown[] = []): Thrown {
  if (above.includes(thrown)) return { value: undefined };
  const path = [...above, thrown];
  if (thrown instanceof Error) return { error: recordError(thrown, path) };
  if (Array.isArray(thrown) && thrown.some((item) => item instanceof Error))
    return { list: thrown.map((item) => recordThrown(item, path)) };
  try {
    return { value: structuredClone(thrown) };
  } catch {
    return { value: inspect(thrown) };
  }
}

function recordError(error: Error, path: readonly unknown[]): ErrorRecord {
  const fields: ErrorField[] = [];
  for (const key of Reflect.ownKeys(error)) {
    const name = typeof key === 'symbol' ? Symbol.keyFor(key) : key;
    if (name === undefined || name === 'message' || name === 'stack' || name === 'name') continue;
    const { enumerable = false } = Object.getOwnPropertyDescriptor(error, key)!;
    const value = recordThrown((error as unknown as Record<PropertyKey, unknown>)[key], path);
    fields.push({ key: name, isSymbol: typeof key === 'symbol', enumerable, value });
  }
  const { name, message, stack } = error;
  return { classes: classNames(error), name, message, stack, fields };
}

function classNames(error: Error): string[] {
  const names: string[] = [];
  for (
    let proto = Object.getPrototypeOf(error);
    proto && proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  )
    if (typeof proto.constructor === 'function') names.push(proto.constructor.name);
  return names;
}

/**
 * Puts a thrown value together again. The error gets the nearest class of its own that is known here: one of `known`,
 * recognised by its name, or one of the language; its constructor does not run.
 */
export function reviveThrown(thrown: Thrown, known: readonly ErrorClass[] = []): unknown {
  if ('list' in thrown) return thrown.list.map((item) => reviveThrown(item, known));
  return 'error' in thrown ? reviveError(thrown.error, known) : thrown.value;
}

function reviveError({ classes, name, message, stack, fields }: ErrorRecord, known: readonly ErrorClass[]): Error {
  if (classes[0] === 'DOMException') return withStack(new DOMException(message, name), stack);
  const candidates = [...known, ...builtIn];
  const type = classes.map((each) => candidates.find((candidate) => candidate.name === each)).find(Boolean) ?? Error;
  const error = new Error(message);
  Object.setPrototypeOf(error, type.prototype as object);
  for (const { key, isSymbol, enumerable, value } of fields) {
    const descriptor = { value: reviveThrown(value, known), enumerable, writable: true, configurable: true };
    Object.defineProperty(error, isSymbol ? Symbol.for(key) : key, descriptor);
  }
  // A class that is not known here, and gave its errors no name, is told by its own.
  const told = type.name === classes[0] || name !== error.name ? name : (classes[0] ?? name);
  if (error.name !== told) Object.defineProperty(error, 'name', { value: told, writable: true, configurable: true });
  return withStack(error, stack);
}

function withStack<E extends Error>(error: E, stack: string | undefined): E {
  Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true });
  return error;
}
