/**
 * Creates expectations for values, from an emitted type, a class or a schema.
 *
 * Compilers emit the same class for `User`, for `User | undefined` and for an optional parameter, so `undefined` and
 * `null` match every emitted type. A class matches its instances and any object with all of its methods, because
 * TypeScript's type system accepts both.
 */
import { missingMethods } from '../context/resource-type.ts';
import { isStandardSchema, type StandardSchema } from '../config/schema.ts';
import { unchecked, type ExpectedClass, type TypeSpec } from './spec.ts';

/** Problems inside a value, with their paths. */
export type Issues = ReadonlyArray<readonly [path: string, message: string]>;

export interface Expectation {
  /** The requirement, worded to follow "must": "be a string", "match its zod schema". */
  readonly must: string;
  /** Returns the problems of a value; undefined if it matches. */
  readonly faults: (value: unknown) => Issues | undefined;
}

const none: Issues = [];

/** The number of keys that the description of an object shows. */
const mostKeys = 5;

/** The minimum length, in characters, of a value that is removed wherever it appears in a message. */
const shortestSecret = 4;

const primitives = new Map<unknown, Expectation>(
  (
    [
      [String, 'string', 'be a string'],
      [Number, 'number', 'be a number'],
      [Boolean, 'boolean', 'be a boolean'],
      [BigInt, 'bigint', 'be a bigint'],
      [Symbol, 'symbol', 'be a symbol'],
      [Function, 'function', 'be a function'],
    ] as const
  ).map(([type, name, must]) => [type, { must, faults: (value) => (typeof value === name ? undefined : none) }]),
);

/** Matches every value. */
export const anything: Expectation = { must: 'be anything', faults: () => undefined };

/** Returns the expectation for an emitted type; undefined if the type is unspecific, as for interfaces and unions. */
export function expectationOfEmitted(emitted: unknown): Expectation | undefined {
  const type = typeof emitted === 'object' && emitted !== null ? typeOfMembers(emitted) : emitted;
  if (typeof type !== 'function' || type === Object) return undefined;
  const { must, faults } = expectationOfClass(type as ExpectedClass);
  return { must, faults: (value) => (value === undefined || value === null ? undefined : faults(value)) };
}

/**
 * Returns the type of the members of an enum. A compiler that sees one file at a time emits the imported enum object
 * itself; other compilers emit the type of its members. A numeric enum also maps numbers to names, which are ignored
 * here.
 */
function typeOfMembers(emitted: object): unknown {
  const members = Object.entries(emitted).filter(
    ([key, value]) => !Number.isInteger(Number(key)) || typeof value !== 'string',
  );
  const types = new Set(members.map(([, value]) => typeof value));
  if (types.size !== 1) return undefined;
  return types.has('number') ? Number : types.has('string') ? String : undefined;
}

export function expectationOf(spec: NonNullable<TypeSpec>): Expectation {
  if (spec === unchecked) return anything;
  return isStandardSchema(spec) ? expectationOfSchema(spec) : expectationOfClass(spec as ExpectedClass);
}

function expectationOfClass(type: ExpectedClass): Expectation {
  const primitive = primitives.get(type);
  if (primitive) return primitive;
  const must = type === Array ? 'be an array' : `be an instance of ${type.name}`;
  const faults = (value: unknown): Issues | undefined => {
    if (value instanceof type || (type === Array && Array.isArray(value))) return undefined;
    if (typeof value !== 'object' || value === null) return none;
    const missing = missingMethods(type as abstract new (...args: never[]) => unknown, value);
    if (missing.length === 0) return undefined;
    return missing.map((method) => ['', `method \`${String(method)}\` is missing`] as const);
  };
  return { must, faults };
}

function expectationOfSchema(schema: StandardSchema<unknown, unknown>): Expectation {
  const { vendor, validate } = schema['~standard'];
  const faults = (value: unknown): Issues | undefined => {
    const result = validate(value);
    if (result instanceof Promise) {
      // The check is synchronous, so the result is ignored, including a rejection.
      result.catch(() => undefined);
      return [['', 'its schema is asynchronous, but checks must be synchronous']];
    }
    return result.issues?.map(({ path = [], message }) => {
      const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
      return [keys.map(String).join('.'), withoutValues(message, valueAt(value, keys))] as const;
    });
  };
  return { must: `match its ${vendor} schema`, faults };
}

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of keys) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}

/**
 * Replaces a value with its shape, because some schemas quote the value in their message. A short value is replaced
 * only in quotes, because it may be a part of the wording.
 */
function withoutValues(message: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return message;
  const text = String(value);
  const unquoted = message.replaceAll(JSON.stringify(text), shapeOf(value));
  return text.length < shortestSecret ? unquoted : unquoted.replaceAll(text, shapeOf(value));
}

/**
 * Describes a value for messages by its shape only, because arguments may be secrets and errors may be widely visible:
 * "a string of 12 characters", "an object with `id`, `name`", "an instance of User".
 */
export function shapeOf(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'string':
      return value === '' ? 'an empty string' : `a string of ${value.length} character${value.length === 1 ? '' : 's'}`;
    case 'number':
      return Number.isNaN(value) ? 'NaN' : 'a number';
    case 'boolean':
      return 'a boolean';
    case 'bigint':
      return 'a bigint';
    case 'symbol':
      return 'a symbol';
    case 'function':
      return shapeOfFunction(value);
    default:
      return value === null ? 'null' : shapeOfObject(value as object);
  }
}

function shapeOfObject(value: object): string {
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: unknown } | null;
  if (prototype !== null && prototype !== Object.prototype) {
    const { constructor } = prototype;
    return `an instance of ${typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'an unnamed class'}`;
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty object';
  const shown = keys.slice(0, mostKeys).map((key) => `\`${key}\``);
  const more = keys.length - shown.length;
  return `an object with ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function shapeOfFunction(value: { readonly name: string }): string {
  return /^class\b/.test(Function.prototype.toString.call(value)) ? `the class ${value.name}` : 'a function';
}
