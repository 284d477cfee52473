/** Formats that contain other formats: sections with options of their own, lists and maps. */
import type { ConfigSchema, Format, ListFormat, MapFormat } from './schema.ts';
import { isStandardSchema } from './standard-schema.ts';

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
