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

/** Returns a function that locates values in valid JSON or JSON5. It scans only as far as each path requires. */
export function jsonLocator(text: string): (path: ConfigPath) => EntryPlace | undefined {
  const scanner = new Scanner(text);
  return (path) => scanner.find(path);
}

/** Returns the offset of the first duplicate key in valid JSON or JSON5. */
export function findKeyTwice(text: string): number | undefined {
  return new Scanner(text).findKeyTwice();
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf('\n', start) + 1;
  // The parser has read one more character when it detects the error.
  return Math.min(start + Math.max(0, column - 1), text.length);
}

const blank = /(?:\s|\u{FEFF}|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/)*/uy;
const string = /"[^"\\]*(?:\\[^][^"\\]*)*"|'[^'\\]*(?:\\[^][^'\\]*)*'/y;
const word = /[^\s,:[\]{}"'/]+/y;

/** The start offsets of an entry and of its value. */
interface Entry {
  readonly offset: number;
  readonly value: number;
}

/** Scans valid JSON or JSON5. It does not check the syntax. */
class Scanner {
  readonly #text: string;
  #at = 0;
  /** The entries of each scanned mapping and list, by its start offset. */
  readonly #known = new Map<number, ReadonlyMap<string, Entry>>();

  constructor(text: string) {
    this.#text = text;
  }

  find(path: ConfigPath): EntryPlace | undefined {
    this.#at = 0;
    this.#skipBlank();
    let offset = this.#at;
    for (const key of path) {
      const entry = this.#entries().get(key);
      if (!entry) return undefined;
      offset = entry.offset;
      this.#at = entry.value;
    }
    const start = this.#at;
    if (this.#isOpening()) return { offset };
    this.#scalar();
    return { offset, value: { start, end: this.#at } };
  }

  findKeyTwice(): number | undefined {
    this.#at = 0;
    /** The keys of each open mapping; undefined for a list. */
    const open: Array<Set<string> | undefined> = [];
    let isKey = false;
    for (this.#skipBlank(); this.#at < this.#text.length; this.#skipBlank()) {
      const character = this.#text[this.#at];
      if (character === '{' || character === '[') open.push(character === '{' ? new Set() : undefined);
      else if (character === '}' || character === ']') open.pop();
      else if (character !== ',' && character !== ':') {
        const offset = this.#at;
        const keys = open.at(-1);
        if (!keys || !isKey) this.#scalar();
        else {
          const key = this.#key();
          if (keys.has(key)) return offset;
          keys.add(key);
          isKey = false;
        }
        continue;
      }
      this.#at++;
      isKey = character === '{' || character === ',';
    }
    return undefined;
  }

  /** Returns the entries of the mapping or list at the current offset. */
  #entries(): ReadonlyMap<string, Entry> {
    const start = this.#at;
    const known = this.#known.get(start);
    if (known) return known;
    const entries = new Map<string, Entry>();
    this.#known.set(start, entries);
    const opening = this.#text[this.#at];
    if (opening !== '{' && opening !== '[') return entries;
    this.#at++;
    for (let index = 0; ; index++) {
      this.#skipBlank();
      const next = this.#text[this.#at];
      if (next === undefined || next === '}' || next === ']') return entries;
      const offset = this.#at;
      const key = opening === '{' ? this.#key() : String(index);
      // The last of several equal keys wins.
      entries.set(key, { offset, value: this.#at });
      this.#value();
      this.#skipBlank();
      if (this.#text[this.#at] === ',') this.#at++;
    }
  }

  #key(): string {
    const written = this.#scalar();
    const isPlain = !written.startsWith('"') && !written.startsWith("'") && !written.includes('\\');
    const key = isPlain ? written : decode(written);
    this.#skipBlank();
    this.#at++;
    this.#skipBlank();
    return key;
  }

  #value(): void {
    let depth = 0;
    do {
      this.#skipBlank();
      const character = this.#text[this.#at];
      if (character === undefined) return;
      if (character === '{' || character === '[') depth++;
      else if (character === '}' || character === ']') depth--;
      else if (character !== ',' && character !== ':') {
        this.#scalar();
        continue;
      }
      this.#at++;
    } while (depth > 0);
  }

  #scalar(): string {
    const start = this.#at;
    if (!this.#skip(string) && !this.#skip(word)) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #isOpening(): boolean {
    return /[{[]/.test(this.#text[this.#at] ?? '');
  }

  #skipBlank(): void {
    const code = this.#text.charCodeAt(this.#at);
    // Skips the regular expression if the next character cannot start white space or a comment.
    if (code <= 0x20 || code === 0x2f || code > 0x7e) this.#skip(blank);
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found !== '';
  }
}

/** Decodes a key with quotes or escapes. */
function decode(written: string): string {
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
