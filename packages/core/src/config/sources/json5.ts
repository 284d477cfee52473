/** Reads JSON5, and locates values, duplicate keys and syntax errors in JSON and JSON5, which the parsers do not report. */
import JSON5 from 'json5';
import { visit } from 'yaml';
import type { ConfigPath } from '../path.ts';
import { scanJson, type JsonEntry, type KeyTwice } from '../json-text.ts';
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
  let root: JsonEntry | undefined;
  return (path) => {
    root ??= scanJson(text, decode).root;
    return path.reduce<JsonEntry | undefined>((entry, key) => entry?.entries?.get(key), root);
  };
}

/** Returns the first duplicate key in valid JSON or JSON5. */
export function findKeyTwice(text: string): KeyTwice | undefined {
  return scanJson(text, decode).keyTwice;
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf('\n', start) + 1;
  // The parser has read one more character when it detects the error.
  return Math.min(start + Math.max(0, column - 1), text.length);
}

/** Decodes a key of JSON5. */
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
