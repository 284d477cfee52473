import { isPlainObject } from './merge.ts';

const longest = 60;

/** Replaces a sensitive value. */
export const masked = '***';

/** Replaces a value that a tag gives, such as `!Env PASSWORD`: the tag with its argument. */
export class TaggedValue {
  constructor(readonly tag: string) {}
}

/** Replaces what a value must not show: URLs with passwords, and values of tags. */
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

/** A value as messages quote it: short, on one line, strings in double quotes, without passwords in URLs. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    const shown = maskUrls(value);
    return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest)}…` : shown);
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (isPlainObject(value)) return 'a mapping';
  if (value instanceof Uint8Array) return 'bytes';
  return `an object of class ${value.constructor.name}`;
}

/** The kind of a value, for messages about a text that may hold secrets. */
export function describeKind(value: unknown): string {
  return typeof value === 'string' ? 'a string' : describeValue(value);
}

const secretParameter = /([?&;][^=&;#\s]*(?:pass|pwd|secret|token|key|sig|auth|cred)[^=&;#\s]*=)[^&;#\s]*/gi;

/** Replaces user names and passwords in URLs by `***`, also in text that only resembles a URL. */
export function maskUrls(text: string): string {
  if (!text.includes('://')) return text;
  return maskUser(text).replace(secretParameter, '$1***');
}

function maskUser(text: string): string {
  // In a URL that is right, an @ after the host is part of the path.
  if (!/\s/.test(text) && /^[a-z][\w+.-]*:\/\//i.test(text) && URL.canParse(text) && !/:\/\/.*:\/\//.test(text)) {
    return text.replace(/^([^:]+:\/\/)[^/?#\\]*@/, '$1***@');
  }
  // In any other, a password may contain whatever separates the parts of a URL.
  return text.replace(/:\/\/.*@/gs, '://***@');
}
