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
import { emailHelp, isEmail, isUrl, urlHelp } from './addresses.ts';
import { dataOf } from './json-text.ts';
import { frozenCopy, isPlainObject } from './merge.ts';
import { byteUnits, durationHelp, durationUnits, quantity } from './quantities.ts';
import {
  isStandardSchema,
  readsText,
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

/** How a format reads a value: text is coerced, and the result is validated. */
export interface FormatRule {
  /** The requirement, worded to follow the option's path: `must be …`. */
  readonly expected: string;
  /** Converts text. Returns what `validate` rejects if the text does not spell a value. */
  readonly coerce?: (text: string) => unknown;
  readonly validate: (value: unknown) => boolean;
  /** Returns how to fix a value that does not meet the requirement. */
  readonly helpFor?: (value: unknown) => string | undefined;
}

/** A format with a rule: every named format, and a list of the allowed values. */
export type RuledFormat = FormatName | readonly (string | number)[];

/** Reads a value with a format. Never throws. */
export function parseValue(format: ValueFormat, value: unknown, found: FoundValue): Parsed {
  if (isStandardSchema(format)) return parseTyped(format, value, found.typed);
  const { expected, coerce, validate, helpFor } = ruleOf(format);
  const given = restored(format, value, found);
  const converted = typeof given === 'string' && coerce ? coerce(given) : given;
  return validate(converted) ? { value: frozenCopy(converted) } : { expected, help: helpFor?.(given) };
}

/** Returns the rule of a format. */
export function ruleOf(format: RuledFormat): FormatRule {
  return typeof format === 'string' ? namedFormats[format] : choiceRule(format);
}

/** Returns a value before it is coerced: text after `--set` as the user typed it, and relative paths as absolute. */
export function restored(format: RuledFormat, value: unknown, found: FoundValue): unknown {
  const given = found.typed !== undefined && readsText(format) ? found.typed : value;
  if (format !== 'path' || !namedFormats.path.validate(given)) return given;
  // The rule accepts only strings.
  const path = given as string;
  return isAbsolute(path) ? path : resolve(found.folder(), path);
}

const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const namePattern = /^[\p{L}\p{N}_-]+$/u;
const flaggedPattern = /^\/(.+)\/([a-z]*)$/s;

const namedFormats: Readonly<Record<FormatName, FormatRule>> = {
  string: {
    expected: 'must be a string',
    validate: isText,
    helpFor: (value) => (typeof value === 'number' || typeof value === 'boolean' ? 'write it in quotes' : undefined),
  },
  number: numeric('must be a number', Number.isFinite),
  int: numeric('must be a whole number', Number.isSafeInteger),
  port: numeric(
    'must be a whole number from 0 to 65535',
    (number) => Number.isInteger(number) && number >= 0 && number <= 65_535,
  ),
  boolean: {
    expected: 'must be `true` or `false`',
    coerce: (text) => (text === 'true' || text === 'false' ? text === 'true' : text),
    validate: (value) => typeof value === 'boolean',
    helpFor: booleanHelp,
  },
  duration: {
    expected: 'must be a duration such as "250ms", "10s" or "5m"',
    coerce: (text) => quantity(text, durationUnits) ?? text,
    validate: (value) => Number.isFinite(value) && (value as number) >= 0,
    helpFor: durationHelp,
  },
  bytes: {
    expected: 'must be a size such as "512b", "10kb" or "1MiB"',
    coerce: (text) => quantity(text, byteUnits) ?? text,
    validate: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  },
  url: {
    expected: 'must be an absolute URL such as "https://example.org/"',
    validate: (value) => isText(value) && isUrl(value),
    helpFor: urlHelp,
  },
  email: {
    expected: 'must be an email address such as "ada@example.org"',
    validate: (value) => isText(value) && isEmail(value),
    helpFor: emailHelp,
  },
  regexp: {
    expected: 'must be a regular expression such as "^a+$" or "/^a+$/i"',
    coerce: parseRegExp,
    validate: (value) => value instanceof RegExp,
  },
  name: {
    expected: "must be a resource name of letters, digits, '_' and '-'",
    validate: (value) => isText(value) && namePattern.test(value),
  },
  path: {
    expected: 'must be a path',
    validate: (value) => isText(value) && value !== '' && !value.includes('\0') && pathHelp(value) === undefined,
    helpFor: (value) => (isText(value) ? pathHelp(value) : undefined),
  },
  object: { expected: 'must be a mapping', coerce: dataOf, validate: isPlainObject },
  binary: {
    expected: 'must be bytes, for example from `!BinaryFile path`',
    validate: (value) => value instanceof Uint8Array,
  },
};

/** Returns the help for a path that names another file than its author expects. */
function pathHelp(path: string): string | undefined {
  if (/^~(?:[/\\]|$)/.test(path)) return 'only a shell replaces `~`; write ./~ for a folder of this name';
  if (/^\$(?:\w+|\{\w+\})(?:[/\\]|$)/.test(path)) return 'only a shell replaces variables; use `!Env` for a whole path';
  return path.trim() === path ? undefined : 'remove the spaces around it';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function numeric(expected: string, fits: (number: number) => boolean): FormatRule {
  return {
    expected,
    coerce: (text) => (numberPattern.test(text) ? Number(text) : text),
    validate: (value) => typeof value === 'number' && fits(value),
    helpFor: (value) => (isText(value) && value !== value.trim() ? 'remove the white space around it' : undefined),
  };
}

function choiceRule(choices: readonly (string | number)[]): FormatRule {
  return {
    expected: `must be one of ${choices.map((candidate) => JSON.stringify(candidate)).join(', ')}`,
    coerce: (text) => (choices.includes(text) ? text : (choices.find((choice) => String(choice) === text) ?? text)),
    validate: (value) => choices.some((candidate) => candidate === value),
    helpFor: (value) => {
      const near = isText(value) ? nearMisses(value, choices.map(String), 1)[0] : undefined;
      return near === undefined ? undefined : `did you mean "${near}"?`;
    },
  };
}

const spellings: ReadonlyArray<readonly [pattern: RegExp, value: string]> = [
  [/^(?:true|yes|on|1)$/i, 'true'],
  [/^(?:false|no|off|0)$/i, 'false'],
];

/** Returns the boolean that other programs read from a value. */
function booleanHelp(value: unknown): string | undefined {
  // A mapping can have a key `toString`.
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const [, name] = spellings.find(([pattern]) => pattern.test(String(value))) ?? [];
  return name === undefined ? undefined : `write \`${name}\``;
}

function parseRegExp(text: string): RegExp | undefined {
  if (text === '') return undefined;
  const [, pattern = text, flags = ''] = flaggedPattern.exec(text) ?? [];
  try {
    return new RegExp(pattern, flags);
  } catch {
    return undefined;
  }
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
