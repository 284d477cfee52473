/**
 * Runs the checks of schemas on options that fit their formats. `explain-faults.ts` turns the faults into problems.
 */
import type { PlainObject } from './merge.ts';
import type { ConfigPath } from './path.ts';
import { isConfigSchema, isListFormat, isMapFormat, type Format } from './schema.ts';

/** A fault of a value at a path in the section of a component. */
export interface LocatedFault {
  readonly path: ConfigPath;
  readonly message: string;
  readonly help?: string | undefined;
}

/** Returns whether a schema, or one inside of it, has a check. */
export function hasCheck(format: Format): boolean {
  if (isListFormat(format)) return hasCheck(format.items);
  if (isMapFormat(format)) return hasCheck(format.values);
  if (!isConfigSchema(format)) return false;
  return format.check !== undefined || Object.values(format.options).some((option) => hasCheck(option.format));
}

/** Returns the faults that the checks of a format find in a value, inner ones first. */
export function* faultsOf(format: Format, value: unknown, path: ConfigPath = []): Generator<LocatedFault> {
  if (value === undefined || !hasCheck(format)) return;
  if (isListFormat(format)) {
    for (const [index, item] of (value as readonly unknown[]).entries())
      yield* faultsOf(format.items, item, [...path, String(index)]);
  } else if (isMapFormat(format)) {
    for (const [key, item] of Object.entries(value as PlainObject))
      yield* faultsOf(format.values, item, [...path, key]);
  } else if (isConfigSchema(format)) {
    for (const [name, option] of Object.entries(format.options))
      yield* faultsOf(option.format, (value as PlainObject)[name], [...path, name]);
    for (const { option, message, help } of format.check?.(value as PlainObject) ?? [])
      yield { path: [...path, ...(typeof option === 'string' ? [option] : option)], message, help };
  }
}
