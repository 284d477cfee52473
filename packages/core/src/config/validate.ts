/**
 * Validates a section of the configuration with convict.
 *
 * This file prepares the data: it determines the source of each value, restores text typed after `--set`, resolves paths
 * and drops null. convict then coerces text, applies defaults and variables, and accepts or rejects the section.
 * `explain-faults.ts` explains a rejection, and the faults that the checks of schemas find in accepted options.
 */
import { hasCheck } from './checks.ts';
import {
  checkedByConvict,
  hasNativeDefault,
  isNative,
  isNativeSection,
  rejected,
  variableName,
} from './convict-schema.ts';
import { structuralKeys } from './define.ts';
import type { Validated } from './errors.ts';
import { explainChecks, explainFaults, OptionReader } from './explain-faults.ts';
import { restored } from './formats.ts';
import { dataOf } from './json-text.ts';
import { LeftOut } from './left-out.ts';
import { canRefer } from './literal-references.ts';
import { isPlainObject, type PlainObject } from './merge.ts';
import { OptionSources, type OptionPath, type RawOption } from './option-sources.ts';
import { formatPath } from './path.ts';
import type { ConfigOption, ConfigSchema } from './schema.ts';
import type { OptionsView } from './view.ts';

type Options = ConfigSchema['options'];

/**
 * Validates a section and returns all of its problems. An environment variable that the schema declares overrides the
 * section, but not a value from `--set`. `null` means "not set", so the default takes effect. Deprecated options in use
 * are reported with `view.warn()`.
 *
 * @param structural - keys of the section that are not options and are read elsewhere
 */
export function validateOptions<T extends object>(
  schema: ConfigSchema<T>,
  view: OptionsView,
  structural: readonly string[] = structuralKeys,
): Validated<T> {
  const accepted = acceptedOptions(schema, view, structural);
  if (accepted && hasCheck(schema)) {
    return { value: accepted as T, problems: explainChecks(schema, view, accepted) };
  }
  const validated = accepted ? { value: accepted, problems: [] } : explainFaults(schema, view, structural);
  if (!accepted && validated.problems.length === 0) {
    const path = formatPath(view.path);
    throw new Error(
      `convict rejects \`${path}\`, which has no problem: this is a bug in @asphalt/core, please report it`,
    );
  }
  return validated as Validated<T>;
}

/** Returns the options that convict accepts; undefined if it rejects the section. */
export function acceptedOptions(
  schema: ConfigSchema,
  view: OptionsView,
  structural: readonly string[],
): PlainObject | undefined {
  const input = new ConvictInput(schema, view);
  input.reader.shape(structural);
  if (!input.reader.problems.isEmpty) return undefined;
  const values = input.section(schema.options, view.section, { path: [], hidden: false }, structural);
  const properties = checkedByConvict(schema, input.unset, values, input.env);
  if (!properties) return undefined;
  for (const [position, text] of input.texts) input.reader.problems.literal(position, text);
  return optionsIn(schema.options, properties);
}

/** Prepares the data of one section for convict. */
class ConvictInput {
  readonly reader: OptionReader;
  /** The variables that take effect, by the names in the definition. */
  readonly env: Record<string, string> = {};
  /** The paths of the sections that no source sets. */
  readonly unset: string[] = [];
  /** The texts that convict reads and that may refer to a variable by mistake. */
  readonly texts: Array<readonly [position: OptionPath, text: string]> = [];
  readonly #sources: OptionSources;

  constructor(schema: ConfigSchema, view: OptionsView) {
    this.#sources = new OptionSources(view);
    this.reader = new OptionReader(schema, view, this.#sources);
  }

  section(options: Options, given: PlainObject, position: OptionPath, structural: readonly string[]): PlainObject {
    const values: Record<string, unknown> = {};
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(options, name) && !structural.includes(name)) values[name] = rejected;
    }
    for (const [name, option] of Object.entries(options)) {
      const raw = this.#sources.raw(name, option, given, position);
      if (raw.isStated && option.deprecated !== undefined) this.reader.problems.warn(raw.position, option.deprecated);
      const value = this.#value(name, option, raw);
      if (value !== undefined) values[name] = value;
    }
    return values;
  }

  /** Returns the value to load; undefined if no value is set, or if convict reads it from a variable or the default. */
  #value(name: string, option: ConfigOption, raw: RawOption): unknown {
    const { format } = option;
    const { value, position, fault } = raw;
    if (fault || value instanceof LeftOut) return rejected;
    if (isNativeSection(name, format)) {
      if (value === undefined && option.required !== true) {
        this.unset.push(formatPath(position.path));
        return undefined;
      }
      const data = dataOf(value);
      return isPlainObject(data) ? this.section(format.options, data, position, []) : rejected;
    }
    if (value === undefined || (!raw.isStated && hasNativeDefault(option))) return undefined;
    if (!isNative(format)) {
      const read = this.reader.read(format, value, position);
      return this.reader.problems.isEmpty ? () => read : rejected;
    }
    const text = restored(format, value, this.#sources.foundAt(position));
    if (typeof text === 'object' || typeof text === 'function') return rejected;
    if (typeof value === 'string' && value.includes('${') && canRefer(format)) this.texts.push([position, value]);
    if (!raw.isVariable) return text;
    // A variable is text.
    this.env[variableName(option, position.path)] = text as string;
    return undefined;
  }
}

/** Returns the options in the order of the schema, frozen. */
function optionsIn(options: Options, properties: PlainObject): PlainObject {
  const value: Record<string, unknown> = {};
  for (const [name, { format }] of Object.entries(options)) {
    const found = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (typeof found === 'function') value[name] = (found as () => unknown)();
    else value[name] = isNativeSection(name, format) && isPlainObject(found) ? optionsIn(format.options, found) : found;
  }
  return Object.freeze(value);
}
