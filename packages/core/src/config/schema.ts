/**
 * The types of declared options and their formats. They refer to each other, because a format may be a section with
 * options of its own. This file compares no values with them.
 */
import type { PlainObject } from './merge.ts';

/** One option of a component. */
export interface ConfigOption {
  /** The purpose of the option. */
  readonly doc: string;
  /** The format of the value, which also determines its type. */
  readonly format: Format;
  /** The value if no source sets one. The format reads it like any other value. */
  readonly default?: unknown;
  /** Whether a source must set a value. */
  readonly required?: boolean;
  /** An environment variable that overrides the files. An instance `type/name` appends `_NAME` to it. */
  readonly env?: string;
  /** Whether the value must not appear in errors, logs or listings. */
  readonly sensitive?: boolean;
  /** The replacement to use, such as `use listen.port`. Setting the option produces a warning. */
  readonly deprecated?: string;
}

/** The declared options of a component, created by {@link defineConfig}. */
export interface ConfigSchema<Value extends object = object, Input extends object = object> {
  readonly options: Readonly<Record<string, ConfigOption>>;
  /** Finds values that fit their formats and cannot work, or that do not fit each other. */
  check?(values: Value): Iterable<OptionFault>;
  /** Carries the inferred types. The property does not exist at run time. */
  readonly '~types'?: { readonly value: Value; readonly input: Input };
}

/** A problem of an option whose value fits its format. */
export interface OptionFault {
  /** The name of the option, or the path of a value within its section. */
  readonly option: string | readonly string[];
  /** The problem, worded to follow the option's name: `must not be empty`. It must not quote values: the report does. */
  readonly message: string;
  /** How to fix it. Omitted for sensitive values and values of tags, so it may quote the value. */
  readonly help?: string | undefined;
}

export type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w';
export type ByteUnit = 'b' | 'B' | `${'k' | 'K' | 'm' | 'M' | 'g' | 'G'}${'' | 'i'}${'b' | 'B'}`;

/** For each named format, the type of the validated value and the type that code may pass. */
export interface FormatTypes {
  readonly string: { readonly value: string; readonly input: string };
  readonly number: { readonly value: number; readonly input: number };
  /** A whole number. */
  readonly int: { readonly value: number; readonly input: number };
  /** A whole number from 0 to 65535. */
  readonly port: { readonly value: number; readonly input: number };
  readonly boolean: { readonly value: boolean; readonly input: boolean };
  /** Milliseconds, from a number or from text such as `250ms`, `10s`, `1.5h` or `1d`. */
  readonly duration: { readonly value: number; readonly input: number | `${number}${DurationUnit}` };
  /** A number of bytes, from a number or from text such as `10kb` (10,000) or `1MiB` (1,048,576). */
  readonly bytes: { readonly value: number; readonly input: number | `${number}${ByteUnit}` };
  /** An absolute URL without white space, kept as written. */
  readonly url: { readonly value: string; readonly input: string };
  /** One email address without a display name, such as `ada@example.org`. */
  readonly email: { readonly value: string; readonly input: string };
  /** A regular expression, from text such as `^a+$` or, with flags, `/^a+$/i`. */
  readonly regexp: { readonly value: RegExp; readonly input: string | RegExp };
  /** The name of a resource: letters, digits, `_` and `-`. */
  readonly name: { readonly value: string; readonly input: string };
  /**
   * An absolute path. A relative path starts from the folder of the file that contains it, otherwise from the working
   * folder.
   */
  readonly path: { readonly value: string; readonly input: string };
  /** A mapping with any values, deeply frozen. Text is parsed as JSON. */
  readonly object: { readonly value: PlainObject; readonly input: PlainObject };
  /** Bytes, for example from `!BinaryFile`. */
  readonly binary: { readonly value: Uint8Array; readonly input: Uint8Array };
}

export type FormatName = keyof FormatTypes;

const formatNames: Readonly<Record<FormatName, true>> = {
  string: true,
  number: true,
  int: true,
  port: true,
  boolean: true,
  duration: true,
  bytes: true,
  url: true,
  email: true,
  regexp: true,
  name: true,
  path: true,
  object: true,
  binary: true,
};

/** Returns whether a string is the name of a format. */
export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(formatNames, name);
}

/** The format of a single value: a named format, a list of the allowed values, or a Standard Schema. */
export type ValueFormat = FormatName | readonly (string | number)[] | StandardSchema;

/** The format of an option: a single value, a section of options, or a list or map of formats. */
export type Format = ValueFormat | ConfigSchema | ListFormat | MapFormat;

/** A list whose items have the same format, created by {@link listOf}. */
export interface ListFormat<Items extends Format = Format> {
  readonly kind: 'list';
  readonly items: Items;
}

/** A mapping from arbitrary names to values of the same format, created by {@link mapOf}. */
export interface MapFormat<Values extends Format = Format> {
  readonly kind: 'map';
  readonly values: Values;
}

/**
 * Creates the format of a list: `listOf('url')`, or `listOf(defineConfig({ … }))` for a list of objects. A later layer
 * replaces the whole list; `--set` can change single items.
 */
export function listOf<const Items extends Format>(items: Items): ListFormat<Items> {
  return { kind: 'list', items };
}

/** Creates the format of a mapping from names to values: `mapOf('duration')`, or `mapOf(defineConfig({ … }))`. */
export function mapOf<const Values extends Format>(values: Values): MapFormat<Values> {
  return { kind: 'map', values };
}

export function isListFormat(format: Format): format is ListFormat {
  return kindOf(format) === 'list';
}

export function isMapFormat(format: Format): format is MapFormat {
  return kindOf(format) === 'map';
}

/** Returns whether a format is a section with options of its own. */
export function isConfigSchema(format: Format): format is ConfigSchema {
  // The union schemas of zod also have `options`.
  return typeof format === 'object' && !isStandardSchema(format) && 'options' in format;
}

/** Returns whether the values of a format are mappings or lists. */
export function isData(format: Format): boolean {
  return format === 'object' || isConfigSchema(format) || isListFormat(format) || isMapFormat(format);
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

/** Returns whether values of a format contain sensitive options, so that no message may quote them. */
export function holdsSecrets(format: Format): boolean {
  if (isListFormat(format)) return holdsSecrets(format.items);
  if (isMapFormat(format)) return holdsSecrets(format.values);
  if (!isConfigSchema(format)) return false;
  return Object.values(format.options).some((option) => option.sensitive === true || holdsSecrets(option.format));
}

/** Returns the environment variables that the options in a format declare. */
export function variablesIn(format: Format): readonly string[] {
  if (isListFormat(format)) return variablesIn(format.items);
  if (isMapFormat(format)) return variablesIn(format.values);
  if (!isConfigSchema(format)) return [];
  return Object.values(format.options).flatMap(({ env, format: inner }) => [
    ...(env === undefined ? [] : [env]),
    ...variablesIn(inner),
  ]);
}

function kindOf(format: Format): unknown {
  return typeof format === 'object' && !isStandardSchema(format) && 'kind' in format ? format.kind : undefined;
}

/**
 * The part of the Standard Schema interface (https://standardschema.dev) that options use. zod, valibot and arktype
 * implement it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** The optional Standard JSON Schema extension. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
    };
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<StandardIssue> };

export interface StandardIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** Returns whether a format is a Standard Schema, which may be a function (arktype). */
export function isStandardSchema(format: unknown): format is StandardSchema {
  return (typeof format === 'object' || typeof format === 'function') && format !== null && '~standard' in format;
}

/**
 * Holds a sensitive default, so that inspecting a schema, or an error that refers to one, does not reveal the value.
 */
class SealedDefault {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  static unseal(value: unknown): unknown {
    return value instanceof SealedDefault ? value.#value : value;
  }
}

/** Returns the option, with its default sealed if the default may contain sensitive values. */
export function sealDefault(option: ConfigOption): ConfigOption {
  const isSecret = option.sensitive === true || holdsSecrets(option.format);
  if (!isSecret || option.default === undefined) return option;
  return { ...option, default: new SealedDefault(option.default) };
}

/** Returns the declared default of an option, unsealed. */
export function defaultOf(option: ConfigOption): unknown {
  return SealedDefault.unseal(option.default);
}
