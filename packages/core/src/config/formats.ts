/**
 * The formats of options: which values each accepts, how it converts them, and how it words its requirement.
 *
 * A value is either native (from a file or from code) or text (from an environment variable, `!Env` or `--set`). Text
 * is read strictly: only `true` and `false` are booleans, and `12abc` is not a number.
 *
 * Formats know neither layers nor components, and report no problems themselves.
 */
import { isAbsolute, resolve } from 'node:path';
import { nearMisses } from '../errors/near-misses.ts';
import { findFault, frozenCopy, isPlainObject } from './merge.ts';
import {
  isConfigSchema,
  isData,
  isListFormat,
  isMapFormat,
  isStandardSchema,
  type Format,
  type FormatName,
  type StandardIssue,
  type StandardSchema,
  type ValueFormat,
} from './schema.ts';

/** Facts about the value that a format reads. */
export interface FoundValue {
  /** The text after `--set path=`. A Standard Schema may accept the text itself or the data in it. */
  readonly typed?: string | undefined;
  /** Returns the folder that relative paths start from. */
  folder(): string;
}

/** The value of a format, or its requirement if the input does not meet it. */
export type Parsed =
  | { readonly value: unknown }
  | {
      /** The requirement, worded to follow the option's path: `must be …`. */
      readonly expected: string;
      /** Details that may quote the value, so they must not be shown for sensitive options. */
      readonly detail?: string | undefined;
      readonly help?: string | undefined;
    };

/** Reads a value with a format. Never throws. */
export function parseValue(format: ValueFormat, value: unknown, found: FoundValue): Parsed {
  if (typeof format === 'string') return namedFormats[format](value, found);
  return isStandardSchema(format) ? parseTyped(format, value, found.typed) : parseChoice(format, value);
}

/** Whether a format reads the text of `--set` unchanged. Other formats read the data that the text contains as YAML. */
export function readsText(format: Format): boolean {
  return format !== 'binary' && !isData(format) && !isStandardSchema(format);
}

/** Describes a format for people: `port`, `"smtp" | "file"`, `list of url`. */
export function describeFormat(format: Format): string {
  if (typeof format === 'string') return format;
  if (isStandardSchema(format)) return `${format['~standard'].vendor} schema`;
  if (isListFormat(format)) return `list of ${describeFormat(format.items)}`;
  if (isMapFormat(format)) return `mapping of ${describeFormat(format.values)}`;
  if (isConfigSchema(format)) return 'section';
  return format.map((choice) => JSON.stringify(choice)).join(' | ');
}

/** Returns whether a string is the name of a format. */
export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(namedFormats, name);
}

type Parse = (value: unknown, found: FoundValue) => Parsed;

const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const quantityPattern = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;
const emailPattern = /^[^\s@<>"(),;:\\[\]]+@[^\s@<>"(),;:\\[\]]+$/;
const namePattern = /^[\p{L}\p{N}_-]+$/u;
const flaggedPattern = /^\/(.+)\/([a-z]*)$/s;
const hostAndPortPattern = /^[\w.-]+:\d+(?:\/|$)/;

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const byteUnits: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1_024,
  mib: 1_048_576,
  gib: 1_073_741_824,
};

const namedFormats: Readonly<Record<FormatName, Parse>> = {
  string: (value) => {
    const text = asText(value);
    if (text !== undefined) return { value: text };
    const quotable = typeof value === 'number' || typeof value === 'boolean';
    return { expected: 'must be a string', help: quotable ? 'write it in quotes' : undefined };
  },
  number: numeric('must be a number', Number.isFinite),
  int: numeric('must be a whole number', Number.isSafeInteger),
  port: numeric(
    'must be a whole number from 0 to 65535',
    (number) => Number.isInteger(number) && number >= 0 && number <= 65_535,
  ),
  boolean: (value) => {
    if (typeof value === 'boolean') return { value };
    if (value === 'true' || value === 'false') return { value: value === 'true' };
    return { expected: 'must be `true` or `false`' };
  },
  duration: (value) => {
    const milliseconds = quantity(value, durationUnits);
    return milliseconds === undefined
      ? { expected: 'must be a duration such as "250ms", "10s" or "5m"' }
      : { value: milliseconds };
  },
  bytes: (value) => {
    const bytes = quantity(value, byteUnits);
    return Number.isSafeInteger(bytes)
      ? { value: bytes }
      : { expected: 'must be a size such as "512b", "10kb" or "1MiB"' };
  },
  url: (value) => {
    // The URL standard reads `localhost:8000` as a URL with the scheme "localhost", which is never intended.
    if (typeof value === 'string' && URL.canParse(value) && !hostAndPortPattern.test(value)) return { value };
    return { expected: 'must be an absolute URL such as "https://example.org/"' };
  },
  email: (value) =>
    typeof value === 'string' && value.length <= 254 && emailPattern.test(value)
      ? { value }
      : { expected: 'must be an email address such as "ada@example.org"' },
  regexp: (value) => {
    const expression = value instanceof RegExp ? value : parseRegExp(asText(value));
    return expression
      ? { value: expression }
      : { expected: 'must be a regular expression such as "^a+$" or "/^a+$/i"' };
  },
  name: (value) => {
    const text = asText(value);
    return text !== undefined && namePattern.test(text)
      ? { value: text }
      : { expected: "must be a resource name of letters, digits, '_' and '-'" };
  },
  path: (value, found) => {
    const text = asText(value);
    if (text === undefined || text === '' || text.includes('\0')) return { expected: 'must be a path' };
    return { value: isAbsolute(text) ? text : resolve(found.folder(), text) };
  },
  object: (value) => {
    const object = dataOf(value);
    return isPlainObject(object) ? { value: frozenCopy(object) } : { expected: 'must be a mapping' };
  },
  binary: (value) =>
    value instanceof Uint8Array ? { value } : { expected: 'must be bytes, for example from `!BinaryFile path`' },
};

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numeric(expected: string, fits: (number: number) => boolean): Parse {
  return (value) => {
    const number = typeof value === 'string' && numberPattern.test(value) ? Number(value) : value;
    return typeof number === 'number' && fits(number) ? { value: number } : { expected };
  };
}

/** Returns an amount in the base unit. A number without a unit is already in the base unit. */
function quantity(value: unknown, units: Readonly<Record<string, number>>): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  const [, amount, unit = ''] = (typeof value === 'string' && quantityPattern.exec(value)) || [];
  const factor = unit === '' ? 1 : units[unit.toLowerCase()];
  if (amount === undefined || factor === undefined) return undefined;
  const product = Number(amount) * factor;
  // 4.1 * 1,000,000 is slightly less than 4,100,000 in floating point.
  return amount.includes('.') ? Number(product.toPrecision(15)) : product;
}

function parseRegExp(text: string | undefined): RegExp | undefined {
  if (text === undefined || text === '') return undefined;
  const [, pattern = text, flags = ''] = flaggedPattern.exec(text) ?? [];
  try {
    return new RegExp(pattern, flags);
  } catch {
    return undefined;
  }
}

/**
 * Returns the data of a value. Text is parsed as JSON, because environment variables contain mappings and lists as
 * JSON.
 */
export function dataOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    const data: unknown = JSON.parse(value);
    return findFault(data) ? undefined : data;
  } catch {
    // The caller words its requirement. The parser's message would quote the text, which may be a secret.
    return undefined;
  }
}

function parseChoice(choices: readonly (string | number)[], value: unknown): Parsed {
  const text = asText(value) ?? value;
  const choice = choices.find((candidate) => candidate === value || String(candidate) === text);
  if (choice !== undefined) return { value: choice };
  const near = typeof value === 'string' ? nearMisses(value, choices.map(String), 1)[0] : undefined;
  return {
    expected: `must be one of ${choices.map((candidate) => JSON.stringify(candidate)).join(', ')}`,
    help: near === undefined ? undefined : `did you mean "${near}"?`,
  };
}

/** Tries the text first, so that YAML does not change a string that the schema accepts. */
function parseTyped(schema: StandardSchema, value: unknown, typed: string | undefined): Parsed {
  if (typed === undefined) return parseBySchema(schema, value);
  const fromText = parseBySchema(schema, typed);
  if ('value' in fromText) return fromText;
  const data = typeof value === 'string' ? scalarOf(typed) : value;
  return data === undefined ? fromText : parseBySchema(schema, data);
}

/** Returns the number or boolean that a text spells. */
export function scalarOf(text: string): number | boolean | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  return numberPattern.test(text) ? Number(text) : undefined;
}

function parseBySchema(schema: StandardSchema, value: unknown): Parsed {
  const expected = 'must match its schema';
  try {
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise) {
      // The result is ignored, so a rejection must not crash the process.
      result.catch(() => undefined);
      return {
        expected: 'must have a synchronous schema',
        help: 'use a schema without asynchronous checks',
      };
    }
    if (!result.issues) return { value: frozenCopy(result.value) };
    return { expected, detail: result.issues.map(issueText).join('; ') };
  } catch (error) {
    return { expected, detail: `the schema threw: ${String(error)}` };
  }
}

function issueText({ message, path = [] }: StandardIssue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? message : `\`${keys.join('.')}\`: ${message}`;
}
