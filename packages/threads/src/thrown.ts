/**
 * Serializes thrown values for another thread. A structured clone loses the class and the fields of an error and, on some
 * versions of Node, its cause. This module therefore records errors in one thread and revives them in the other.
 */
import { inspect } from 'node:util';

/** A thrown value in a form that can be cloned. */
export type Thrown =
  | { readonly error: ErrorRecord }
  | { readonly value: unknown }
  | { readonly list: readonly Thrown[] };

export interface ErrorRecord {
  /** The names of the error's class and of its base classes, nearest first. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: readonly ErrorField[];
}

interface ErrorField {
  readonly key: string;
  /** Whether the key is a symbol from the global registry, which exists in every thread. */
  readonly isSymbol: boolean;
  readonly enumerable: boolean;
  readonly value: Thrown;
}

/** An error class, recognized by its name. */
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

/** Records a thrown value. Parts that cannot be cloned are converted to text. Circular references are cut. */
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
 * Revives a recorded value. An error becomes an instance of its nearest class that is in `known`, by name, or is a class of
 * JavaScript. The constructor does not run.
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
  // An error of an unknown class without a `name` of its own receives the name of its class.
  const shown = type.name === classes[0] || name !== error.name ? name : (classes[0] ?? name);
  if (error.name !== shown) Object.defineProperty(error, 'name', { value: shown, writable: true, configurable: true });
  return withStack(error, stack);
}

function withStack<E extends Error>(error: E, stack: string | undefined): E {
  Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true });
  return error;
}
