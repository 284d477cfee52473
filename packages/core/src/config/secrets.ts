/** Finds the values of sensitive options, so that text from elsewhere can be shown without them. */
import { unescape } from 'node:querystring';
import { isPlainObject } from './merge.ts';
import { isConfigSchema, isListFormat, isMapFormat, type Format } from './schema.ts';

/** Returns each line of the sensitive texts in a value of a format, its numbers, and the passwords in sensitive URLs. */
export function* secretsIn(format: Format, value: unknown): Iterable<string> {
  if (isListFormat(format)) {
    for (const item of Array.isArray(value) ? value : []) yield* secretsIn(format.items, item);
  } else if (isMapFormat(format)) {
    for (const item of isPlainObject(value) ? Object.values(value) : []) yield* secretsIn(format.values, item);
  } else if (isConfigSchema(format) && isPlainObject(value)) {
    for (const [name, option] of Object.entries(format.options)) {
      yield* option.sensitive === true ? textsIn(value[name]) : secretsIn(option.format, value[name]);
    }
  }
}

function* textsIn(value: unknown): Iterable<string> {
  if (typeof value === 'string') {
    yield* value.split(/\r?\n/);
    if (URL.canParse(value)) yield unescape(new URL(value).password);
  } else if (typeof value === 'number') {
    yield String(value);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const item of Object.values(value)) yield* textsIn(item);
  }
}
