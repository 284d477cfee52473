/** Creates a JSON Schema (draft 2020-12) for options, so that editors complete and check configuration files. */
import { shownValue } from '../config/describe.ts';
import { byteUnits, durationUnits } from '../config/quantities.ts';
import {
  holdsSecrets,
  isConfigSchema,
  isListFormat,
  isMapFormat,
  isStandardSchema,
  type ConfigOption,
  type ConfigSchema,
  type Format,
  type FormatName,
} from '../config/schema.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const numeric = { type: 'string', pattern: '^[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?$' };
const whole = { type: 'string', pattern: '^[+-]?\\d+(\\.0*)?([eE]\\+?\\d+)?$' };

/** The values allowed in files. Formats such as `int` also accept text, because `!Env` produces text. */
const named: Readonly<Record<FormatName, JsonSchema>> = {
  string: { type: 'string' },
  number: { anyOf: [{ type: 'number' }, numeric] },
  int: { anyOf: [{ type: 'integer' }, whole] },
  port: { anyOf: [{ type: 'integer', minimum: 0, maximum: 65_535 }, whole] },
  boolean: { enum: [true, false, 'true', 'false'] },
  duration: {
    anyOf: [
      { type: 'number', minimum: 0 },
      { type: 'string', pattern: quantityPattern(durationUnits) },
    ],
  },
  bytes: {
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', pattern: quantityPattern(byteUnits) },
    ],
  },
  url: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9+.-]+:\\S+$' },
  email: { type: 'string', pattern: '^[^\\s@]+@[^\\s@]+$' },
  regexp: { type: 'string', minLength: 1 },
  name: { type: 'string', pattern: '^[\\p{L}\\p{N}_-]+$' },
  path: { type: 'string', minLength: 1 },
  object: { type: 'object' },
  binary: {},
};

/** A JSON Schema has no flag for case, so each letter is a class such as `[mM]`. */
function quantityPattern(units: Readonly<Record<string, number>>): string {
  const names = Object.keys(units).map((unit) => unit.replace(/./g, (letter) => `[${letter}${letter.toUpperCase()}]`));
  return `^\\d+(\\.\\d+)?\\s*(${names.join('|')})?$`;
}

/** Returns the schemas of options by name, for `properties`. */
export function optionProperties(options: ConfigSchema['options']): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, optionSchema(option)]));
}

function optionSchema(option: ConfigOption, isRequired = false): JsonSchema {
  const { format, doc, deprecated, env, required, sensitive, default: standard } = option;
  const notes = [
    doc,
    required === true ? 'Required.' : undefined,
    env === undefined ? undefined : `Environment variable: ${env}.`,
    deprecated === undefined ? undefined : `Deprecated: ${deprecated}.`,
  ].filter((note) => note !== undefined);
  return {
    description: notes.map((note) => (/[.!?]$/.test(note) ? note : `${note}.`)).join(' '),
    ...(deprecated === undefined ? {} : { deprecated: true }),
    ...(standard === undefined || sensitive === true || holdsSecrets(format) || standard instanceof RegExp
      ? {}
      : { default: shownValue(standard, () => undefined) }),
    // Null means "not set". Only a required option of a list item must have a value: no other layer can set it.
    ...(isRequired ? formatSchema(format) : orNull(formatSchema(format))),
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  if (Object.keys(schema).length === 0) return schema;
  const { anyOf, ...rest } = schema;
  return { anyOf: [...(Array.isArray(anyOf) ? (anyOf as JsonSchema[]) : [rest]), { type: 'null' }] };
}

function formatSchema(format: Format): JsonSchema {
  if (typeof format === 'string') return named[format];
  if (isStandardSchema(format)) return format['~standard'].jsonSchema?.input({ target: 'draft-2020-12' }) ?? {};
  if (isListFormat(format)) return { type: 'array', items: itemSchema(format.items) };
  if (isMapFormat(format)) return { type: 'object', additionalProperties: orNull(itemSchema(format.values)) };
  if (isConfigSchema(format)) {
    return { type: 'object', properties: optionProperties(format.options), additionalProperties: false };
  }
  const texts = format.filter((choice) => typeof choice === 'number').map(String);
  return { enum: [...new Set([...format, ...texts])] };
}

/** Marks required options as required: layers replace whole lists, so no other layer can add the options of an item. */
function itemSchema(format: Format): JsonSchema {
  if (!isConfigSchema(format)) return formatSchema(format);
  const entries = Object.entries(format.options);
  const required = entries.filter(([, option]) => option.required === true).map(([name]) => name);
  const properties = entries.map(([name, option]) => [name, optionSchema(option, option.required)] as const);
  return { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false };
}
