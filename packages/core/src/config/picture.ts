/**
 * Pictures of lines of configuration files: the line with a mark below it, as messages show it.
 *
 * A picture must not show secrets. Of a value that is wrong, only its own entry is shown, never what stands beside it.
 * Where the text cannot be read at all, nobody knows which values are sensitive: there, no value is shown.
 */
import type { FilePlace } from './errors.ts';
import { outline } from './outline.ts';
import { maskUrls } from './describe.ts';

/** Where an entry stands in a text, as offsets. */
export interface EntryPlace {
  /** The key, or the item of a list. */
  readonly offset: number;
  /** The value, where it is a single one. */
  readonly value?: { readonly start: number; readonly end: number } | undefined;
}

const widest = 90;

/** The place of a fault in text that cannot be read, with the outline of its line as the picture. */
export function faultPlace(text: string, offset: number): FilePlace {
  const { start, line, column } = position(text, offset);
  const shown = outline(lineAt(text, start, column), column - 1);
  // A long line is cut so that the marked place stays in sight.
  const cut = Math.max(0, shown.column + 1 - widest);
  const visible = shown.text.slice(cut, cut + widest);
  const indent = visible.slice(0, shown.column - cut).replace(/[^\t]/g, ' ');
  return { line, column, picture: draw(line, visible, indent) };
}

/** The place of an entry, with a picture of nothing but the entry; without `withValue` only of its key. */
export function entryPlace(text: string, { offset, value }: EntryPlace, withValue: boolean): FilePlace {
  const { start, line, column } = position(text, offset);
  const before = text.slice(start, offset);
  const margin = /^[\s-]*$/.test(before) ? before : '… ';
  const end = lineEnd(text, offset);
  const isInLine = value !== undefined && value.start >= offset && value.end <= end;
  const key = text.slice(offset, isInLine ? value.start : keyEnd(text, offset, end));
  const shown = isInLine && withValue ? maskUrls(text.slice(value.start, value.end)) : '…';
  const rest = isInLine && shown !== '…' && !/^\s*(?:#.*|\/\/.*)?$/.test(text.slice(value.end, end)) ? ' …' : '';
  const entry = `${key}${shown}`;
  const picture = `${entry.length > widest ? `${entry.slice(0, widest)}…` : entry}${rest}`;
  return { line, column, picture: draw(line, `${margin}${picture}`, margin.replace(/[^\t]/g, ' ')) };
}

/** Line and column of an offset; both count from 1. */
export function position(text: string, offset: number): { start: number; line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
    start = end + 1;
    line++;
  }
  return { start, line, column: offset - start + 1 };
}

function draw(line: number, shown: string, indent: string): string {
  const margin = `${line} │ `;
  return `${margin}${shown}\n${' '.repeat(margin.length - 2)}│ ${indent}^`;
}

function lineAt(text: string, start: number, column: number): string {
  return text.slice(start, start + column + widest).split(/\r?\n/, 1)[0] ?? '';
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end - (text[end - 1] === '\r' ? 1 : 0);
}

/** Behind the colon of a key whose value stands elsewhere; nothing of an item in a list. */
function keyEnd(text: string, offset: number, end: number): number {
  const key = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s:,{}[\]]+)\s*:\s*/.exec(
    text.slice(offset, Math.min(end, offset + 200)),
  );
  return offset + (key?.[0].length ?? 0);
}
