/**
 * The shapes of declared options. A format may be a section with options of its own, so these types refer to each
 * other; everything that is done with them stands in other files.
 */
import type { PlainObject } from './merge.ts';
import type { StandardSchema } from './standard-schema.ts';

/** One option of a component. */
export interface ConfigOption {
  /** Says what the option is for. */
  readonly doc: string;
  /** What its value must look like, and so its type. */
  readonly format: Format;
  /** The value when nobody gives one; it is read by the format like any other. */
  readonly default?: unknown;
  /** Tells that somebody must give a value. */
  readonly required?: boolean;
  /** An environment variable that overrides the files; an instance `type/name` reads it with `_NAME` behind it. */
  readonly env?: string;
  /** Tells that the value must not appear in errors, logs or listings. */
  readonly sensitive?: boolean;
  /** Says what to use instead, such as `use listen.port`; whoever still gives the option is warned. */
  readonly deprecated?: string;
}

/** The declared options of a component; made by {@link defineConfig}. */
export interface ConfigSchema<Value extends object = object, Input extends object = object> {
  readonly options: Readonly<Record<string, ConfigOption>>;
  /** Carries the inferred types; there is no such property at run time. */
  readonly '~types'?: { readonly value: Value; readonly input: Input };
}

type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd';
type ByteUnit = 'b' | 'B' | `${'k' | 'K' | 'm' | 'M' | 'g' | 'G'}${'' | 'i'}${'b' | 'B'}`;

/** For each named format the type of the checked value, and of what code may give for it. */
export interface FormatTypes {
  readonly string: { readonly value: string; readonly input: string };
  readonly number: { readonly value: number; readonly input: number };
  /** A whole number. */
  readonly int: { readonly value: number; readonly input: number };
  /** A whole number from 0 to 65535. */
  readonly port: { readonly value: number; readonly input: number };
  readonly boolean: { readonly value: boolean; readonly input: boolean };
  /** Milliseconds, from a number of them or from text such as `250ms`, `10s`, `1.5h` or `1d`. */
  readonly duration: { readonly value: number; readonly input: number | `${number}${DurationUnit}` };
  /** A number of bytes, from a number or from text such as `10kb` (10,000) or `1MiB` (1,048,576). */
  readonly bytes: { readonly value: number; readonly input: number | `${number}${ByteUnit}` };
  /** An absolute URL, kept as it is written. */
  readonly url: { readonly value: string; readonly input: string };
  /** One mail address, such as `ada@example.org`; without a display name. */
  readonly email: { readonly value: string; readonly input: string };
  /** A regular expression, from text such as `^a+$` or, with flags, `/^a+$/i`. */
  readonly regexp: { readonly value: RegExp; readonly input: string | RegExp };
  /** The name of a resource: letters, digits, `_` and `-`. */
  readonly name: { readonly value: string; readonly input: string };
  /** An absolute path; a relative one starts at the folder of the file that says it, else at the working folder. */
  readonly path: { readonly value: string; readonly input: string };
  /** A mapping of anything, deeply frozen; text is read as JSON. */
  readonly object: { readonly value: PlainObject; readonly input: PlainObject };
  /** Bytes, as `!BinaryFile` reads them. */
  readonly binary: { readonly value: Uint8Array; readonly input: Uint8Array };
}

export type FormatName = keyof FormatTypes;

/** What a single value must look like: a named format, the list of all its values, or a Standard Schema. */
export type ValueFormat = FormatName | readonly (string | number)[] | StandardSchema;

/** What an option's value must look like: a single value, a section of options, or a list or map of formats. */
export type Format = ValueFormat | ConfigSchema | ListFormat | MapFormat;

/** A list whose items all have one format; made by {@link listOf}. */
export interface ListFormat<Items extends Format = Format> {
  readonly kind: 'list';
  readonly items: Items;
}

/** A mapping with names of the user's choice, whose values all have one format; made by {@link mapOf}. */
export interface MapFormat<Values extends Format = Format> {
  readonly kind: 'map';
  readonly values: Values;
}
