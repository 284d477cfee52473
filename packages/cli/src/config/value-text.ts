import { TaggedValue } from '@asphalt/core/config';

/** Formats a value as YAML on one line. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value);
  if (value instanceof TaggedValue) return value.tag;
  if (value instanceof RegExp) return JSON.stringify(String(value));
  if (value instanceof Uint8Array) return JSON.stringify(`${value.length} bytes`);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(([key, item]) => `${valueText(key)}: ${valueText(item)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'function' ? value.name : String(value as number | boolean);
}

/** Whether a text is valid YAML without quotes. */
function isPlain(text: string): boolean {
  return /^[A-Za-z/][\w./:@-]*$/.test(text) && !text.endsWith(':') && !/^(true|false|null)$/i.test(text);
}
