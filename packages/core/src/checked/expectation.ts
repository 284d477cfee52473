/**
 * What a value must be, made of what a compiler emitted, of a class or of a schema.
 *
 * A compiler emits the class of `User | undefined` for that type, and of an optional parameter, as it does for `User`;
 * so `undefined` and `null` fit whatever was emitted. A class is fitted by its instances and by whatever has all of its
 * methods, because that is what the type system of TypeScript lets pass.
 */
import { missingMethods } from '../context/resource-type.ts';
import { isStandardSchema, type StandardSchema } from '../config/standard-schema.ts';
import { shapeOf } from './shape.ts';
import { unchecked, type Class, type Sort } from './sorts.ts';

/** What is wrong inside of a value, by its path. */
export type Issues = ReadonlyArray<readonly [path: string, message: string]>;

export interface Expectation {
  /** What the value must do, for messages: "be a text", "fit its zod schema". */
  readonly must: string;
  /** What is wrong with a value; undefined when it fits. */
  readonly faults: (value: unknown) => Issues | undefined;
}

const none: Issues = [];

/** In characters. */
const shortestSecret = 4;

const primitives = new Map<unknown, Expectation>(
  (
    [
      [String, 'string', 'be a text'],
      [Number, 'number', 'be a number'],
      [Boolean, 'boolean', 'be a boolean'],
      [BigInt, 'bigint', 'be a bigint'],
      [Symbol, 'symbol', 'be a symbol'],
      [Function, 'function', 'be a function'],
    ] as const
  ).map(([type, name, must]) => [type, { must, faults: (value) => (typeof value === name ? undefined : none) }]),
);

/** Lets everything pass. */
export const anything: Expectation = { must: 'be anything', faults: () => undefined };

/** What a compiler emitted for a type; undefined where that tells nothing, as it does for interfaces and unions. */
export function expectationOfEmitted(emitted: unknown): Expectation | undefined {
  const type = typeof emitted === 'object' && emitted !== null ? typeOfMembers(emitted) : emitted;
  if (typeof type !== 'function' || type === Object) return undefined;
  const { must, faults } = expectationOfClass(type as Class);
  return { must, faults: (value) => (value === undefined || value === null ? undefined : faults(value)) };
}

/**
 * A compiler that sees one file at a time emits an imported enum itself, where another one emits the type of its members.
 * In the enum, a number leads back to the name of its member.
 */
function typeOfMembers(emitted: object): unknown {
  const members = Object.entries(emitted).filter(
    ([key, value]) => !Number.isInteger(Number(key)) || typeof value !== 'string',
  );
  const types = new Set(members.map(([, value]) => typeof value));
  if (types.size !== 1) return undefined;
  return types.has('number') ? Number : types.has('string') ? String : undefined;
}

export function expectationOf(sort: NonNullable<Sort>): Expectation {
  if (sort === unchecked) return anything;
  return isStandardSchema(sort) ? expectationOfSchema(sort) : expectationOfClass(sort as Class);
}

function expectationOfClass(type: Class): Expectation {
  const primitive = primitives.get(type);
  if (primitive) return primitive;
  const must = type === Array ? 'be a list' : `be an instance of ${type.name}`;
  const faults = (value: unknown): Issues | undefined => {
    if (value instanceof type || (type === Array && Array.isArray(value))) return undefined;
    if (typeof value !== 'object' || value === null) return none;
    const missing = missingMethods(type as abstract new (...args: never[]) => unknown, value);
    if (missing.length === 0) return undefined;
    return missing.map((method) => ['', `there is no method \`${String(method)}\``] as const);
  };
  return { must, faults };
}

function expectationOfSchema(schema: StandardSchema<unknown, unknown>): Expectation {
  const { vendor, validate } = schema['~standard'];
  const faults = (value: unknown): Issues | undefined => {
    const result = validate(value);
    if (result instanceof Promise) {
      // Nobody waits for it; what it says comes too late.
      result.catch(() => undefined);
      return [['', 'its schema is asynchronous, and a check has to be done before the method goes on']];
    }
    return result.issues?.map(({ path = [], message }) => {
      const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
      return [keys.map(String).join('.'), withoutValues(message, valueAt(value, keys))] as const;
    });
  };
  return { must: `fit its ${vendor} schema`, faults };
}

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of keys) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}

/** Some schemas quote what they were given. What is as short as a word of the message is no secret. */
function withoutValues(message: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return message;
  const text = String(value);
  const said = message.replaceAll(JSON.stringify(text), shapeOf(value));
  return text.length < shortestSecret ? said : said.replaceAll(text, shapeOf(value));
}
