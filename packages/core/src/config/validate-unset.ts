/**
 * Validates a section that sets nothing, against a schema without required options, defaults and checks. Most components of
 * a small program are like that. Every other section needs `validate.ts`, whose import loads convict.
 */
import { hasCheck } from './checks.ts';
import { structuralKeys } from './define.ts';
import { isPlainObject } from './merge.ts';
import { OptionSources } from './option-sources.ts';
import { isConfigSchema, type ConfigOption, type ConfigSchema } from './schema.ts';
import type { Validated } from './errors.ts';
import type { OptionsView } from './view.ts';

/**
 * Returns the result of a validation that needs no convict; undefined if `validateOptions()` must validate the section.
 *
 * @param structural - keys of the section that are not options and are read elsewhere
 */
export function validateUnset<T extends object>(
  schema: ConfigSchema<T>,
  view: OptionsView,
  structural: readonly string[] = structuralKeys,
): Validated<T> | undefined {
  const { found, section } = view;
  const children = section['components'];
  if (!isPlainObject(found) || (children !== undefined && !isPlainObject(children))) return undefined;
  if (!Object.keys(section).every((key) => structural.includes(key))) return undefined;
  if (hasCheck(schema)) return undefined;
  const { options } = schema;
  const sources = new OptionSources(view);
  if (Object.values(options).some((option) => hasValue(option, sources))) return undefined;
  const value = Object.fromEntries(Object.keys(options).map((name) => [name, undefined]));
  return { value: Object.freeze(value) as T, problems: [] };
}

/** Returns whether an option must have a value, or has one although its section does not set it. */
function hasValue(option: ConfigOption, sources: OptionSources): boolean {
  if (option.required === true || option.default !== undefined) return true;
  return sources.hasVariable(option) || (isConfigSchema(option.format) && sources.hasVariableIn(option.format));
}
