/** Formats values for messages and listings, without passwords in URLs. */
import { isPlainObject } from './merge.ts';

const longest = 60;

/** The text shown in place of a sensitive value. */
export const masked = '***';

/** Shown in place of the value of a tag: the tag with its argument, such as `!Env PASSWORD`. */
export class TaggedValue {
  constructor(readonly tag: string) {}
}

/** Masks passwords in URLs and replaces the values of tags with a {@link TaggedValue}. */
export function shownValue(
  value: unknown,
  tagAt: (rest: readonly string[]) => string | undefined,
  rest: readonly string[] = [],
): unknown {
  const tag = tagAt(rest);
  if (tag !== undefined) return new TaggedValue(tag);
  if (typeof value === 'string') return maskUrls(value);
  if (Array.isArray(value)) return value.map((item, index) => shownValue(item, tagAt, [...rest, String(index)]));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownValue(item, tagAt, [...rest, key])]));
}

/** Formats a value for a message: short, on one line, strings in double quotes, passwords in URLs masked. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    const shown = maskUrls(value);
    return JSON.stringify(shortened(shown, longest));
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (isPlainObject(value)) return 'a mapping';
  if (value instanceof Uint8Array) return 'bytes';
  return `an object of class ${value.constructor.name}`;
}

/** Cuts a text that is longer than a number of code units, but never inside of a character. */
export function shortened(text: string, longestLength: number): string {
  return text.length > longestLength ? `${text.slice(0, longestLength).replace(/\p{Surrogate}$/u, '')}…` : text;
}

/** Names the kind of a value, for messages about strings that may contain secrets. */
export function describeKind(value: unknown): string {
  return typeof value === 'string' ? 'a string' : describeValue(value);
}

const secretName = /pass|pwd|secret|token|key|sig|auth|cred/i;
const secretParameter = new RegExp(String.raw`([?&;][^=&;#\s]*(?:${secretName.source})[^=&;#\s]*=)[^&;#\s]*`, 'gi');

/** Returns whether a name suggests that its value is sensitive. */
export function looksSecret(name: string): boolean {
  return secretName.test(name);
}

/** Replaces user names, passwords and secret parameters in URLs with `***`, also in text that only resembles a URL. */
export function maskUrls(text: string): string {
  if (!text.includes('//')) return text;
  return maskUser(text).replace(secretParameter, '$1***');
}

function maskUser(text: string): string {
  // In a valid URL, an @ after the host is part of the path.
  if (!/\s/.test(text) && /^[a-z][\w+.-]*:\/\//i.test(text) && URL.canParse(text) && !/:\/\/.*:\/\//.test(text)) {
    return text.replace(/^([^:]+:\/\/)[^/?#\\]*@/, '$1***@');
  }
  // In malformed text, a password may contain any separator of a URL, and the colon of the scheme may be missing.
  return text.replace(/\/\/.*@/gs, '//***@');
}
