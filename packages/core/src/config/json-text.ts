/**
 * Reads JSON in text, and locates the entries of JSON and JSON5. The parsers report no duplicate keys: they keep the last value
 * without a word.
 */
import { findFault } from './merge.ts';

/**
 * Returns the data of a value. Text is parsed as JSON, because environment variables contain mappings and lists as
 * JSON.
 */
export function dataOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    const data: unknown = JSON.parse(value);
    return findFault(data) || scanJson(value).keyTwice ? undefined : data;
  } catch {
    // The caller words its requirement. The parser's message would quote the text, which may be a secret.
    return undefined;
  }
}

/** Returns why JSON text is not data, although `JSON.parse` reads it. The reason quotes nothing. */
export function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return scanJson(text).keyTwice && 'it contains a duplicate key';
  } catch {
    return undefined;
  }
}

/** A comment, a bracket, a string or another scalar. White space, commas and colons lie between them. */
const lexeme =
  /\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/|[{}[\]]|"[^"\\]*(?:\\[^][^"\\]*)*"|'[^'\\]*(?:\\[^][^'\\]*)*'|[^\s,:[\]{}"'/]+/g;

/** The position of an entry in a text, as offsets, and its entries. */
export interface JsonEntry {
  /** The start of the key, or of the list item. */
  readonly offset: number;
  /** The range of the value, if it is neither a mapping nor a list. */
  readonly value?: { readonly start: number; readonly end: number } | undefined;
  /** The entries of a mapping or a list, whose items have their index as key. */
  readonly entries?: Map<string, JsonEntry> | undefined;
}

interface Container {
  readonly isMapping: boolean;
  readonly entries: Map<string, JsonEntry>;
}

/** A key that a mapping contains twice. */
export interface KeyTwice {
  readonly name: string;
  /** The start of the second entry. */
  readonly offset: number;
  /** The start of the first entry. */
  readonly first: number;
}

/** The entries of a text. */
export interface JsonScan {
  readonly root: JsonEntry | undefined;
  /** The first duplicate key. */
  readonly keyTwice: KeyTwice | undefined;
}

/**
 * Scans valid JSON or JSON5. It does not check the syntax.
 *
 * @param decode - decodes a key as it is written
 */
export function scanJson(text: string, decode: (written: string) => string = JSON.parse): JsonScan {
  const top: Container = { isMapping: false, entries: new Map() };
  const open = [top];
  let key: { readonly name: string; readonly offset: number } | undefined;
  let keyTwice: KeyTwice | undefined;
  for (const { 0: found, index } of text.matchAll(lexeme)) {
    if (found.startsWith('/')) continue;
    if (found === '}' || found === ']') {
      open.pop();
      continue;
    }
    const { isMapping, entries } = open.at(-1)!;
    if (isMapping && !key) {
      key = { name: decode(found), offset: index };
      const earlier = entries.get(key.name);
      if (earlier) keyTwice ??= { ...key, first: earlier.offset };
      continue;
    }
    const inner = found === '{' || found === '[' ? new Map<string, JsonEntry>() : undefined;
    const value = inner ? undefined : { start: index, end: index + found.length };
    entries.set(key?.name ?? String(entries.size), { offset: key?.offset ?? index, value, entries: inner });
    if (inner) open.push({ isMapping: found === '{', entries: inner });
    key = undefined;
  }
  return { root: top.entries.get('0'), keyTwice };
}
