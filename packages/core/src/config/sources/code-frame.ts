/**
 * Draws code frames: a line of a configuration file with a mark below it, for messages.
 *
 * A code frame must not show secrets. For a faulty value it shows only the entry of that value, never its neighbors.
 * For a file that cannot be parsed it shows no value at all, because any of them may be sensitive: it keeps keys,
 * brackets and commas of the line, and replaces every value with `…`.
 */
import type { FilePlace } from '../errors.ts';
import { maskUrls, shortened } from '../describe.ts';

/** The position of an entry in a text, as offsets. */
export interface EntryPlace {
  /** The start of the key, or of the list item. */
  readonly offset: number;
  /** The range of the value, if it is neither a mapping nor a list. */
  readonly value?: { readonly start: number; readonly end: number } | undefined;
}

const widest = 90;

/** Returns the place of a syntax error. Its code frame shows the redacted line. */
export function faultPlace(text: string, offset: number): FilePlace {
  const { start, line, column } = position(text, offset);
  const shown = redactLine(lineAt(text, start, column), column - 1);
  // Cuts a long line so that the marked column stays visible.
  const cut = Math.max(0, shown.column + 1 - widest);
  const visible = shown.text.slice(cut, cut + widest);
  const indent = visible.slice(0, shown.column - cut).replace(/[^\t]/g, ' ');
  return { line, column, codeFrame: draw(line, visible, indent) };
}

/** Returns the place of an entry. Its code frame shows only the entry, without its value unless `withValue` is true. */
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
  return {
    line,
    column,
    codeFrame: draw(line, `${margin}${shortened(entry, widest)}${rest}`, margin.replace(/[^\t]/g, ' ')),
  };
}

/** Returns the line and column of an offset, both from 1, and the offset at which the line starts. */
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

/** Returns the offset after the colon of a key whose value is elsewhere; the given offset for a list item. */
function keyEnd(text: string, offset: number, end: number): number {
  const key = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s:,{}[\]]+)\s*:\s*/.exec(
    text.slice(offset, Math.min(end, offset + 200)),
  );
  return offset + (key?.[0].length ?? 0);
}

/** A line without its values, and the position of the marked column in it. Columns count from 0. */
export interface RedactedLine {
  readonly text: string;
  readonly column: number;
}

/** The text of a quoted key. It excludes structural characters, because unbalanced quotes may enclose values. */
const name = String.raw`[^"'[\]{},:]*`;
const key = String.raw`(?:(?:"${name}"|'${name}'|[\w./-]+)\s*:(?=\s|$)|"${name}"\s*:)`;
/** The start of a line, before its value: list markers, closing brackets and one key. */
const head = new RegExp(String.raw`^[\s\]},]*(?:-{3}$|(?:-(?:\s+|$))*${key}?\s*)`);
/** A run of brackets, commas and keys, or a value between them. */
const inBrackets = new RegExp(
  String.raw`(?<structure>(?:[{,]\s*${key}|[[\]{},]|\s)+)|"(?:[^"\\]|\\.)*"?|'[^']*'?|[^[\]{},"']+`,
  'gs',
);

export function redactLine(line: string, column: number): RedactedLine {
  let text = '';
  let shownColumn: number | undefined;
  for (const { start, end, isValue } of segments(line)) {
    if (shownColumn === undefined && column < end) shownColumn = text.length + (isValue ? 0 : column - start);
    text += isValue ? '…' : line.slice(start, end);
  }
  return { text, column: shownColumn ?? text.length };
}

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly isValue: boolean;
}

function* segments(line: string): Iterable<Segment> {
  const start = head.exec(line)?.[0].length ?? 0;
  yield { start: 0, end: start, isValue: false };
  if (start === line.length) return;
  if (!/[[{]/.test(line[start]!)) {
    // Outside brackets, the rest of the line is one value.
    yield { start, end: line.length, isValue: true };
    return;
  }
  for (const { index, 0: found, groups } of line.slice(start).matchAll(inBrackets)) {
    yield { start: start + index, end: start + index + found.length, isValue: groups?.['structure'] === undefined };
  }
}
