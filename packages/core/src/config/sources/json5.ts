/** Reads JSON5, and locates values, duplicate keys and syntax errors in JSON and JSON5, which the parsers do not report. */
import JSON5 from 'json5';
import { visit } from 'yaml';
import type { ConfigPath } from '../path.ts';
import { deepest } from '../merge.ts';
import type { EntryPlace } from './code-frame.ts';
import { tooDeep, tooManyTokens } from './read-file.ts';
import { parseWithinBounds } from './yaml-document.ts';

/** The JSON parsers need less memory than the YAML parser, but still need a limit. */
const mostTokens = 200_000;
const token =
  /[[\]{},]|"[^"\\\n]*(?:\\[^][^"\\\n]*)*"?|'[^'\\\n]*(?:\\[^][^'\\\n]*)*'?|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/g;

/** Returns why JSON or JSON5 text would take too much time and memory to read; undefined if it would not. */
export function excessOf(text: string): string | undefined {
  let [count, open] = [0, 0];
  for (const [found] of text.matchAll(token)) {
    if (found === '[' || found === '{') open++;
    else if (found === ']' || found === '}') open--;
    if (open > deepest) return tooDeep;
    if (++count > mostTokens) return tooManyTokens;
  }
  return undefined;
}

/** Returns the data of a JSON5 text, or the offset of its first syntax error. */
export function parseJson5(text: string): { readonly data: unknown } | { readonly offset: number | undefined } {
  try {
    return { data: JSON5.parse<unknown>(text) };
  } catch (error) {
    const { lineNumber, columnNumber } = error as { lineNumber?: number; columnNumber?: number };
    return { offset: lineNumber === undefined ? undefined : offsetOf(text, lineNumber, columnNumber ?? 1) };
  }
}

/** Returns a function that locates values in valid JSON or JSON5. It scans the text when the first value is located. */
export function jsonLocator(text: string): (path: ConfigPath) => EntryPlace | undefined {
  let root: Entry | undefined;
  return (path) => {
    root ??= scan(text).root;
    return path.reduce<Entry | undefined>((entry, key) => entry?.entries?.get(key), root);
  };
}

/** Returns the offset of the first duplicate key in valid JSON or JSON5. */
export function findKeyTwice(text: string): number | undefined {
  return scan(text).keyTwice;
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf('\n', start) + 1;
  // The parser has read one more character when it detects the error.
  return Math.min(start + Math.max(0, column - 1), text.length);
}

/** A comment, a bracket, a string or another scalar. White space, commas and colons lie between them. */
const lexeme =
  /\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/|[{}[\]]|"[^"\\]*(?:\\[^][^"\\]*)*"|'[^'\\]*(?:\\[^][^'\\]*)*'|[^\s,:[\]{}"'/]+/g;

interface Entry extends EntryPlace {
  /** The entries of a mapping or a list, whose items have their index as key. */
  readonly entries?: Map<string, Entry> | undefined;
}

interface Container {
  readonly isMapping: boolean;
  readonly entries: Map<string, Entry>;
}

/** Scans valid JSON or JSON5. It does not check the syntax. */
function scan(text: string): { readonly root: Entry | undefined; readonly keyTwice: number | undefined } {
  const top: Container = { isMapping: false, entries: new Map() };
  const open = [top];
  let key: { readonly name: string; readonly offset: number } | undefined;
  let keyTwice: number | undefined;
  for (const { 0: found, index } of text.matchAll(lexeme)) {
    if (found.startsWith('/')) continue;
    if (found === '}' || found === ']') {
      open.pop();
      continue;
    }
    const { isMapping, entries } = open.at(-1)!;
    if (isMapping && !key) {
      key = { name: decode(found), offset: index };
      if (entries.has(key.name)) keyTwice ??= index;
      continue;
    }
    const inner = found === '{' || found === '[' ? new Map<string, Entry>() : undefined;
    const value = inner ? undefined : { start: index, end: index + found.length };
    entries.set(key?.name ?? String(entries.size), { offset: key?.offset ?? index, value, entries: inner });
    if (inner) open.push({ isMapping: found === '{', entries: inner });
    key = undefined;
  }
  return { root: top.entries.get('0'), keyTwice };
}

/** Decodes a key. */
function decode(written: string): string {
  if (!/["'\\]/.test(written)) return written;
  if (/^"[^"\\]*"$/.test(written)) return written.slice(1, -1);
  if (/^["']/.test(written)) return JSON5.parse<string>(written);
  return Object.keys(JSON5.parse<object>(`{${written}:0}`))[0] ?? written;
}

const jsonScalar = /^(?:null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?)$/i;

/** Returns the offset of the first JSON syntax error, as far as a YAML parser can find it. */
export function findJsonFault(text: string): number | undefined {
  try {
    const document = parseWithinBounds(text);
    let offset = document.errors[0]?.pos[0];
    visit(document, {
      Scalar(key, node) {
        const fits =
          node.type === 'QUOTE_DOUBLE' ||
          (node.type === 'PLAIN' && key !== 'key' && jsonScalar.test(node.source ?? ''));
        if (!fits && node.range && (offset === undefined || node.range[0] < offset)) offset = node.range[0];
      },
    });
    return offset;
  } catch {
    return undefined;
  }
}
