/**
 * Declares the options of a component and infers the type of each option from its format.
 *
 * A schema is data only. This file checks declarations, not values: `validate.ts` compares the configuration with the
 * schema, once for each instance of the component.
 */
import { ConfigSchemaError } from './errors.ts';
import { isForbiddenKey } from './merge.ts';
import {
  isConfigSchema,
  isFormatName,
  isListFormat,
  isMapFormat,
  sealDefault,
  variablesIn,
  type ConfigOption,
  type ConfigSchema,
  type Format,
  type FormatName,
  type FormatTypes,
  type ListFormat,
  type MapFormat,
  type OptionFault,
  type StandardSchema,
} from './schema.ts';

/** The validated options of a schema: the type of `this.config`. */
export type ConfigOf<S extends ConfigSchema> = S extends ConfigSchema<infer Value> ? Value : never;

/** The options that code may pass for a schema. Every option may be omitted, because the configuration can set it. */
export type ConfigInput<S extends ConfigSchema> = S extends ConfigSchema<object, infer Input> ? Input : never;

type OptionValue<F> = F extends FormatName
  ? FormatTypes[F]['value']
  : F extends readonly (infer Choice)[]
    ? Choice
    : F extends StandardSchema<infer _, infer Output>
      ? Output
      : F extends ListFormat<infer Items>
        ? readonly OptionValue<Items>[]
        : F extends MapFormat<infer Values>
          ? Readonly<Record<string, OptionValue<Values>>>
          : F extends ConfigSchema<infer Value>
            ? Value
            : never;

type OptionInput<F> = F extends FormatName
  ? FormatTypes[F]['input']
  : F extends readonly (infer Choice)[]
    ? Choice
    : F extends StandardSchema<infer Input, infer _>
      ? DeepReadonly<Input>
      : F extends ListFormat<infer Items>
        ? readonly OptionInput<Items>[]
        : F extends MapFormat<infer Values>
          ? Readonly<Record<string, OptionInput<Values>>>
          : F extends ConfigSchema<object, infer Input>
            ? Input
            : never;

/** Accepts read-only lists: defaults are inferred as constants. */
type DeepReadonly<T> = T extends readonly unknown[] | Readonly<Record<string, unknown>>
  ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
  : T;

type IsSet<O> = O extends { readonly required: true } ? true : O extends { readonly default: {} } ? true : false;

/** The compiler error for a faulty declaration. No value has this type. */
interface Mistake<What extends string> {
  readonly '~mistake': What;
}

/** Replaces the type of each faulty field with a `Mistake`, so that the declaration does not compile. */
type Checked<O> = {
  readonly [K in keyof O]: {
    readonly [Field in keyof O[K]]: Field extends keyof ConfigOption
      ? Field extends 'default'
        ? CheckedDefault<O[K]>
        : unknown
      : Mistake<'an option has no such field'>;
  };
};

type CheckedDefault<O> = O extends { readonly required: true }
  ? Mistake<'a required option has no default'>
  : O extends { readonly format: infer F; readonly default: infer Default }
    ? Default extends OptionInput<F> | undefined
      ? unknown
      : Mistake<'a default fits the format of its option'>
    : unknown;

type ValueOf<O> = {
  readonly [K in keyof O]: O[K] extends { readonly format: infer F }
    ? OptionValue<F> | (IsSet<O[K]> extends true ? never : undefined)
    : never;
};

type InputOf<O> = {
  readonly [K in keyof O]?: (O[K] extends { readonly format: infer F } ? OptionInput<F> : never) | undefined;
};

/**
 * Declares the options of a component for `@component({ config })`.
 *
 * The type of an option follows from its format. An option with neither `required: true` nor a `default` may be
 * undefined. `null` in the configuration means "not set".
 *
 * @param check - receives options that fit their formats, and returns a fault for each that cannot work or contradicts
 * another one. It also runs for `asphalt check`, so it must not access files, the network or the clock
 * @throws {@link ConfigSchemaError} when a declaration cannot work, for example because its format is unknown
 */
export function defineConfig<const O extends Readonly<Record<string, ConfigOption>>>(
  options: O & Checked<O>,
  check?: (values: ValueOf<O>) => Iterable<OptionFault>,
): ConfigSchema<ValueOf<O>, InputOf<O>> {
  const entries = Object.entries<ConfigOption>(options);
  for (const [name, option] of entries) checkOption(name, option);
  const sealed = Object.fromEntries(entries.map(([name, option]) => [name, sealDefault(option)]));
  return Object.freeze({ options: sealed, ...(check && { check }) });
}

/** The keys of a component's section that are not options. */
export const structuralKeys: readonly string[] = ['type', 'components', 'enabled'];

/** Options of sections may have the name `enabled`; those of components may not. @throws {@link ConfigSchemaError} */
export function refuseEnabled({ options }: ConfigSchema): void {
  if (Object.hasOwn(options, 'enabled')) throw reservedName('enabled');
}

function reservedName(name: string): ConfigSchemaError {
  return new ConfigSchemaError(name, 'has a name that is reserved by the configuration', 'give it another name');
}

// convict splits names at dots and stores its own data under `_cvtProperties`.
const unusableName = (name: string): boolean => name.includes('.') || isForbiddenKey(name) || name === '_cvtProperties';

function checkOption(name: string, { format, required, default: value }: ConfigOption): void {
  if (name === 'type' || name === 'components') throw reservedName(name);
  if (name === '' || unusableName(name)) {
    const help = 'use a non-empty name without dots that is not reserved in JavaScript';
    throw new ConfigSchemaError(name, 'has a name that is not allowed', help);
  }
  checkFormat(name, format);
  if (required === true && value !== undefined) {
    throw new ConfigSchemaError(name, 'is required but has a default', 'remove one of them');
  }
}

function checkFormat(name: string, format: Format): void {
  if (isListFormat(format) || isMapFormat(format)) {
    const inner = isListFormat(format) ? format.items : format.values;
    checkFormat(name, inner);
    const [variable] = variablesIn(inner);
    if (variable === undefined) return;
    const what = `has many values, which cannot all come from variable ${variable}`;
    throw new ConfigSchemaError(name, what, 'remove `env` from its format');
  }
  if (isConfigSchema(format)) return;
  if (typeof format === 'string' && !isFormatName(format)) {
    throw new ConfigSchemaError(name, `has an unknown format "${String(format)}"`, 'use one of the known formats');
  }
}
