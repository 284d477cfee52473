/**
 * The types of declared options. They refer to each other, because a format may be a section with options of its own.
 * The code that works with them is in other files.
 */
import type { PlainObject } from './merge.ts';
import type { StandardSchema } from './standard-schema.ts';

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
  /** Carries the inferred types. The property does not exist at run time. */
  readonly '~types'?: { readonly value: Value; readonly input: Input };
}

type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd';
type ByteUnit = 'b' | 'B' | `${'k' | 'K' | 'm' | 'M' | 'g' | 'G'}${'' | 'i'}${'b' | 'B'}`;

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
  /** An absolute URL, kept as written. */
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
