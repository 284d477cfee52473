/**
 * Problems that a schema reports, as a client may see them. Some libraries repeat the value in their messages; it may be a
 * password, and responses are often logged.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ValidationIssue } from './errors.ts';

/** The most problems in a response. */
const mostIssues = 20;
const longestMessage = 200;
const longestPath = 200;

/** More values than these are not searched for. */
const mostValues = 200;

/** Shorter words are part of too many messages; they are replaced only in quotes. */
const shortestWord = 4;

/** Returns the first problems. @param value - the value that was validated */
export function issuesOf(issues: readonly StandardSchemaV1.Issue[], value: unknown): ValidationIssue[] {
  return issues.slice(0, mostIssues).map(({ path = [], message }) => {
    const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
    return {
      path: shortened(keys.map(String).join('.'), longestPath),
      message: shortened(withoutValues(message, valueAt(value, keys)), longestMessage),
    };
  });
}

/** Returns the value at a path, or the nearest one above it. */
function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) break;
    found = (found as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return found;
}

function withoutValues(message: string, value: unknown): string {
  const values = [...valuesIn(value)];
  if (values.length > mostValues) return 'Invalid value';
  let text = message;
  // A long value may contain a short one.
  for (const each of values.toSorted((a, b) => b.length - a.length)) {
    const escaped = JSON.stringify(each).slice(1, -1);
    for (const form of new Set([each, escaped])) {
      // Longer texts cannot be part of it, and a pattern has a limited size.
      if (form.length > text.length) continue;
      for (const quote of ['"', "'", '`']) text = text.replaceAll(quote + form + quote, '…');
      if (form.length >= shortestWord || /\W|\d/.test(form)) text = replacedWord(text, form);
    }
  }
  return text;
}

/** Replaces a text where it is no part of a longer word. */
function replacedWord(text: string, word: string): string {
  const pattern = word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\p{L}\\d])${pattern}(?![\\p{L}\\d])`, 'gu'), '…');
}

/** Returns the texts and numbers in a value, at most one more than the limit. */
function* valuesIn(value: unknown): Iterable<string> {
  const open: unknown[] = [value];
  const seen = new Set<unknown>();
  for (let count = 0; open.length > 0 && count <= mostValues;) {
    const next = open.pop();
    if (typeof next === 'object' && next !== null) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...Object.values(next));
    } else if (typeof next === 'string' ? next !== '' : typeof next === 'number' || typeof next === 'bigint') {
      count++;
      yield String(next);
    }
  }
}

function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
