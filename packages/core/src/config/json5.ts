/** Reading of JSON and JSON5, and finding of places in it, which the parsers themselves do not tell. */
import JSON5 from 'json5';
import type { ConfigPath } from './path.ts';
import type { EntryPlace } from './picture.ts';

/** The data of a JSON5 text, or the offset at which it stops being JSON5. */
export function parseJson5(text: string): { readonly data: unknown } | { readonly offset: number | undefined } {
  try {
    return { data: JSON5.parse<unknown>(text) };
  } catch (error) {
    const { lineNumber, columnNumber } = error as { lineNumber?: number; columnNumber?: number };
    return { offset: lineNumber === undefined ? undefined : offsetOf(text, lineNumber, columnNumber ?? 1) };
  }
}

/** The place of a value in a text that is JSON or JSON5. */
export function locateJson(text: string, path: ConfigPath): EntryPlace | undefined {
  return new Scanner(text).find(path);
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf('\n', start) + 1;
  // The parser has read one character more when it notices.
  return Math.min(start + Math.max(0, column - 1), text.length);
}

const blank = /(?:\s|\u{FEFF}|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/)*/uy;
const string = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/y;
const word = /[^\s,:[\]{}"'/]+/y;

/** Walks through text that is known to be right, so it only looks for what it needs. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  find(path: ConfigPath): EntryPlace | undefined {
    this.#skip(blank);
    let offset = this.#at;
    for (const key of path) {
      const found = this.#enter(key);
      if (found === undefined) return undefined;
      offset = found;
    }
    const start = this.#at;
    if (this.#isOpening()) return { offset };
    this.#scalar();
    return { offset, value: { start, end: this.#at } };
  }

  /** Goes to the value under a key, or to an item; @returns where its entry begins. */
  #enter(wanted: string): number | undefined {
    const opening = this.#text[this.#at];
    if (opening !== '{' && opening !== '[') return undefined;
    let found: { readonly offset: number; readonly value: number } | undefined;
    this.#at++;
    for (let index = 0; ; index++) {
      this.#skip(blank);
      if (/[\]}]/.test(this.#text[this.#at] ?? '}')) break;
      const offset = this.#at;
      const key = opening === '{' ? this.#key() : String(index);
      // Of equal keys the last one holds.
      if (key === wanted) found = { offset, value: this.#at };
      this.#value();
      this.#skip(blank);
      if (this.#text[this.#at] === ',') this.#at++;
    }
    if (found) this.#at = found.value;
    return found?.offset;
  }

  #key(): string {
    const written = this.#scalar();
    const key = /^["']/.test(written) || written.includes('\\') ? decode(written) : written;
    this.#skip(blank);
    this.#at++;
    this.#skip(blank);
    return key;
  }

  #value(): void {
    let depth = 0;
    do {
      this.#skip(blank);
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

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found !== '';
  }
}

/** A key in quotes or with escapes. */
function decode(written: string): string {
  if (/^["']/.test(written)) return JSON5.parse<string>(written);
  return Object.keys(JSON5.parse<object>(`{${written}:0}`))[0] ?? written;
}
