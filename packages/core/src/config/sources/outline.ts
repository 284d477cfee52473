/**
 * Redacts a line of a configuration file: keeps keys, brackets and commas, and replaces every value with `…`. Messages
 * show nothing else of a file that cannot be parsed, because any of its values may be sensitive.
 */

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
