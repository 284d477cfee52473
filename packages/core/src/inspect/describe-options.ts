/**
 * Describes the options of one component: their declarations, their effective values and the source of each value.
 *
 * Every part of a description may be shown, because sensitive values are masked first. This file does not validate.
 */
import { masked, shownValue } from '../config/describe.ts';
import { instanceVariable, readVariable, variableText } from '../config/environment.ts';
import { dataOf } from '../config/json-text.ts';
import type { Statement } from '../config/layers.ts';
import { isPlainObject, type PlainObject } from '../config/merge.ts';
import {
  defaultOf,
  describeFormat,
  holdsSecrets,
  isConfigSchema,
  isData,
  isListFormat,
  isMapFormat,
  readsText,
  type ConfigOption,
  type ConfigSchema,
  type Format,
} from '../config/schema.ts';
import { isFromSet } from '../config/option-sources.ts';
import { formatPath, valueAt, type ConfigPath } from '../config/path.ts';
import type { ConfigView } from '../config/view.ts';

export interface OptionDescription {
  /** The path from the root of the configuration, in the syntax of `--set`. */
  readonly path: string;
  readonly name: string;
  readonly doc: string;
  /** The format for display, such as `duration` or `list of url`. */
  readonly type: string;
  readonly required: boolean;
  readonly sensitive: boolean;
  /** The replacement to use, if the option is deprecated. */
  readonly deprecated: string | undefined;
  /** The environment variable that this instance reads. */
  readonly variable: string | undefined;
  /** The declared default; undefined if the option has none. */
  readonly default: unknown;
  /** The effective value; undefined if nothing sets the option. */
  readonly value: unknown;
  /** The value of each source, starting with the effective one; the default is last. */
  readonly sources: readonly ValueSource[];
  /**
   * The options of a section. For a list or a mapping, the options of its items or values; their `said` is empty.
   */
  readonly options: readonly OptionDescription[];
}

export interface ValueSource {
  /** The source, such as `asphalt.yaml:3:5`, `environment variable PORT`, `--set` or `default`. */
  readonly from: string;
  readonly value: unknown;
}

/**
 * Describes every option of a schema.
 *
 * @param value - the validated options; may lack those with problems
 */
export function describeOptions(schema: ConfigSchema, view: ConfigView, value: PlainObject): OptionDescription[] {
  return Object.entries(schema.options).map(([name, option]) =>
    describeOption(option, { view, path: [name], value: value[name], hidden: false, exists: true }),
  );
}

/** An option with its actual value, for comparison, and with its masked value, for display. */
export interface OptionLeaf {
  readonly path: string;
  readonly value: unknown;
  readonly shown: unknown;
  readonly from: string | undefined;
}

/** Returns the options that hold values, including those in sections. */
export function optionLeaves(schema: ConfigSchema, view: ConfigView, value: PlainObject): OptionLeaf[] {
  const described = describeOptions(schema, view, value);
  return described.flatMap((option) => leavesOf(option, value[option.name]));
}

function leavesOf(option: OptionDescription, value: unknown): OptionLeaf[] {
  if (option.type === 'section' && isPlainObject(value)) {
    return option.options.flatMap((inner) => leavesOf(inner, value[inner.name]));
  }
  return [{ path: option.path, value, shown: option.value, from: option.sources[0]?.from }];
}

interface OptionPosition {
  readonly view: ConfigView;
  readonly path: ConfigPath;
  readonly value: unknown;
  readonly hidden: boolean;
  /** The data of an enclosing section that comes from an environment variable. */
  readonly enclosing?: { readonly from: string; readonly data: unknown } | undefined;
  /** False for an option of the items of a list or the values of a mapping, which describes many values at once. */
  readonly exists: boolean;
}

function describeOption(option: ConfigOption, position: OptionPosition): OptionDescription {
  const { view, path } = position;
  const { format } = option;
  const hidden = position.hidden || option.sensitive === true;
  const variable = option.env === undefined ? undefined : instanceVariable(option.env, view.resourceName);
  return {
    path: formatPath([...view.path, ...path]),
    name: path.at(-1) ?? '',
    doc: option.doc,
    type: describeFormat(format),
    required: option.required === true,
    sensitive: hidden,
    deprecated: option.deprecated,
    variable,
    default: shown(maskValue(format, defaultOf(option), hidden)),
    value: shownOption(maskValue(format, position.value, hidden), position, variable),
    sources: position.exists ? sourcesOf(option, position, variable, hidden) : [],
    options: innerOptions(format, { ...position, hidden, enclosing: givenBy(variable, position) }),
  };
}

function givenBy(variable: string | undefined, { view, enclosing }: OptionPosition): OptionPosition['enclosing'] {
  const text = variable === undefined ? undefined : readVariable(view.env, variable);
  return text === undefined ? enclosing : { from: variableText(view.env, variable!), data: dataOf(text) };
}

/** Masks passwords in URLs. */
function shown(value: unknown): unknown {
  return shownValue(value, () => undefined);
}

/** Returns the effective value, with tags such as `!Env` in place of their values. */
function shownOption(value: unknown, { view, path, exists }: OptionPosition, variable: string | undefined): unknown {
  if (value === undefined || value === null || value === masked || !exists || !view.hasTag(path)) return shown(value);
  const isSet = variable !== undefined && readVariable(view.env, variable) !== undefined;
  const isGiven = isSet && !isFromSet(view.origins(path)[0]);
  return isGiven ? shown(value) : shownValue(value, (rest) => view.statements([...path, ...rest])[0]?.origin.tag);
}

function innerOptions(format: Format, position: OptionPosition): OptionDescription[] {
  if (isListFormat(format)) return innerOptions(format.items, outside(position, '0'));
  if (isMapFormat(format)) return innerOptions(format.values, outside(position, '<name>'));
  if (!isConfigSchema(format)) return [];
  const inner = isPlainObject(position.value) ? position.value : {};
  return Object.entries(format.options).map(([name, option]) =>
    describeOption(option, {
      ...position,
      path: [...position.path, name],
      value: inner[name],
      enclosing: position.enclosing && { ...position.enclosing, data: valueAt(position.enclosing.data, [name]) },
    }),
  );
}

function outside(position: OptionPosition, key: string): OptionPosition {
  return { ...position, path: [...position.path, key], value: undefined, exists: false };
}

function sourcesOf(
  option: ConfigOption,
  { view, path, enclosing }: OptionPosition,
  variable: string | undefined,
  hidden: boolean,
): ValueSource[] {
  const standard = defaultOf(option);
  const show = (value: unknown, tagAt: Statement['tagAt'] = () => undefined): unknown => {
    const safe = maskValue(option.format, value, hidden);
    return safe === masked ? safe : shownValue(safe, tagAt);
  };
  const layers = view.statements(path).map(({ origin, value, tagAt }) => ({
    origin,
    from: origin.text,
    value: show(typeof value === 'object' && readsText(option.format) ? (origin.typed ?? value) : value, tagAt),
  }));
  const text = variable === undefined ? undefined : readVariable(view.env, variable);
  return [
    ...layers.filter(({ origin }) => isFromSet(origin)),
    ...(text === undefined
      ? []
      : [
          {
            from: variableText(view.env, variable!),
            value: show(isData(option.format) ? (dataOf(text) ?? text) : text),
          },
        ]),
    ...(enclosing?.data === undefined ? [] : [{ from: enclosing.from, value: show(enclosing.data) }]),
    ...layers.filter(({ origin }) => !isFromSet(origin)),
    ...(standard === undefined ? [] : [{ from: 'default', value: show(standard) }]),
  ].map(({ from, value }) => ({ from, value }));
}

/** Masks the sensitive parts of a value, even if the value does not match the format. */
function maskValue(format: Format, value: unknown, hidden: boolean): unknown {
  if (value === undefined || value === null) return value;
  if (hidden) return masked;
  // A string in place of a mapping or a list may be a mistyped mapping that contains a secret.
  if (typeof value === 'string' && isData(format)) return masked;
  if (isListFormat(format) && Array.isArray(value)) return value.map((item) => maskValue(format.items, item, false));
  if (isMapFormat(format) && isPlainObject(value))
    return mapValues(value, (_, item) => maskValue(format.values, item, false));
  if (isConfigSchema(format) && isPlainObject(value)) {
    return mapValues(value, (name, item) => {
      const option = Object.hasOwn(format.options, name) ? format.options[name] : undefined;
      // An unknown name may be the misspelled name of a sensitive option.
      return option ? maskValue(option.format, item, option.sensitive === true) : masked;
    });
  }
  return holdsSecrets(format) ? masked : value;
}

function mapValues(object: PlainObject, map: (key: string, value: unknown) => unknown): PlainObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(key, value)]));
}
