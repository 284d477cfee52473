/**
 * Translates the schema of a component into definitions for convict. No other file uses convict.
 *
 * convict holds single values and sections. It would split any other object at the dots of its keys and clone class
 * instances, so lists, mappings and objects travel through it as functions ({@link held}). Its own formats read `12abc`
 * as 12 and `no` as true, so ours are registered beside them. The whole process shares that registry: our names have a
 * prefix.
 */
import convict from 'convict';
import { ruleOf, type RuledFormat } from './formats.ts';
import type { PlainObject } from './merge.ts';
import { formatPath, type ConfigPath } from './path.ts';
import { defaultOf, isConfigSchema, type ConfigOption, type ConfigSchema, type Format } from './schema.ts';

type Options = ConfigSchema['options'];

/** A definition for convict: options, and sections as nested definitions. */
type Definition = Readonly<Record<string, object>>;

/** The formats whose values convict cannot hold, although they have a name. */
const heldNames: ReadonlySet<unknown> = new Set(['object', 'binary', 'regexp']);
const heldFormat = 'asphalt/held';
const registered = new Set<string>();
const definitions = new WeakMap<ConfigSchema, Map<string, Definition>>();

/**
 * The default of required options, which convict does not have: no format accepts it. With a default of null, convict
 * would compare each option with all others.
 */
const missing = Symbol('missing');

/** A value that no format accepts. */
export const rejected = (): undefined => undefined;

/** Returns whether convict can hold the values of a format. */
export function isNative(format: Format): format is RuledFormat {
  return (typeof format === 'string' && !heldNames.has(format)) || Array.isArray(format);
}

/**
 * Returns whether convict can hold the section of an option. It takes an object with a key `default`, or without keys
 * because no source sets the sections in it, for an option. It would write the defaults of a section named `toString` to
 * the inherited function.
 */
export function isNativeSection(name: string, format: Format): format is ConfigSchema {
  if (!isConfigSchema(format) || name in Object.prototype || Object.hasOwn(format.options, 'default')) return false;
  return Object.entries(format.options).some(([inner, option]) => !isNativeSection(inner, option.format));
}

/** Returns whether convict can apply the default of an option. A relative path depends on the working folder. */
export function hasNativeDefault({ format, default: value }: ConfigOption): boolean {
  return isNative(format) && format !== 'path' && value !== undefined;
}

/** Returns the name under which convict reads the variable of an option. Two options may declare the same variable. */
export function variableName(option: ConfigOption, path: ConfigPath): string {
  return `${option.env} for ${formatPath(path)}`;
}

/**
 * Returns the options that convict accepts, with defaults; undefined if it rejects any.
 *
 * @param unset - the paths of the sections that do not exist, so that their defaults do not apply
 * @param env - variables by {@link variableName}; they override `values`
 */
export function checkedByConvict(
  schema: ConfigSchema,
  unset: readonly string[],
  values: PlainObject,
  env: Readonly<Record<string, string>>,
): PlainObject | undefined {
  try {
    const config = convict<object>(definitionOf(schema, unset) as convict.Schema<object>, { env, args: [] });
    return config.load(values).validate({ allowed: 'strict' }).getProperties() as PlainObject;
  } catch {
    // The message quotes values, and `explain-faults.ts` finds the same problems with their origins.
    return undefined;
  }
}

/** Returns the definition of a schema. All instances of a component that set the same sections share one. */
function definitionOf(schema: ConfigSchema, unset: readonly string[]): Definition {
  const cached = definitions.get(schema) ?? new Map<string, Definition>();
  definitions.set(schema, cached);
  const key = JSON.stringify(unset);
  let definition = cached.get(key);
  if (!definition) cached.set(key, (definition = define(schema.options, new Set(unset), [])));
  return definition;
}

function define(options: Options, unset: ReadonlySet<string>, above: ConfigPath): Definition {
  const definition: Record<string, object> = {};
  for (const [name, option] of Object.entries(options)) {
    const path = [...above, name];
    const { doc, format, required, sensitive = false } = option;
    if (!isNativeSection(name, format)) {
      definition[name] = {
        doc,
        format: isNative(format) ? registeredName(format) : registeredHeld(),
        default: required === true ? missing : hasNativeDefault(option) ? defaultOf(option) : undefined,
        sensitive,
        ...(option.env === undefined ? {} : { env: variableName(option, path) }),
      };
    } else if (!unset.has(formatPath(path))) definition[name] = define(format.options, unset, path);
  }
  return definition;
}

function registeredName(format: RuledFormat): string {
  const name = `asphalt/${typeof format === 'string' ? format : JSON.stringify(format)}`;
  const { coerce, validate, expected } = ruleOf(format);
  return register(name, (value) => validate(value), expected, coerce);
}

function registeredHeld(): string {
  return register(heldFormat, (value) => typeof value === 'function' && value !== rejected, 'must match its format');
}

function register(
  name: string,
  fits: (value: unknown) => boolean,
  expected: string,
  coerce?: (text: string) => unknown,
): string {
  if (registered.has(name)) return name;
  registered.add(name);
  const validate = (value: unknown): void => {
    if (!fits(value)) throw new Error(expected);
  };
  convict.addFormat({ name, validate, ...(coerce ? { coerce } : {}) });
  return name;
}
