/**
 * The outline of a line of a configuration file: its keys, brackets and commas, with `…` in place of every value. No
 * more may be shown of a file that cannot be parsed, since nobody knows which of its values are sensitive.
 */

/** A line without its values, and where a column of the line is in it. Columns count from 0. */
export interface Outline {
  readonly text: string;
  readonly column: number;
}

/** In quotes, only what could be a key without them: quotes that do not belong together may enclose values. */
const name = String.raw`[^"'[\]{},:]*`;
const key = String.raw`(?:(?:"${name}"|'${name}'|[\w./-]+)\s*:(?=\s|$)|"${name}"\s*:)`;
/** What stands on a line before its value: marks of lists, brackets that are closed, and one key. */
const head = new RegExp(String.raw`^[\s\]},]*(?:-{3}$|(?:-(?:\s+|$))*${key}?\s*)`);
/** A stretch of brackets, commas and keys, or a value between those. */
const inBrackets = new RegExp(
  String.raw`(?<structure>(?:[{,]\s*${key}|[[\]{},]|\s)+)|"(?:[^"\\]|\\.)*"?|'[^']*'?|[^[\]{},"']+`,
  'gs',
);

export function outline(line: string, column: number): Outline {
  let text = '';
  let shownColumn: number | undefined;
  for (const { start, end, isValue } of parts(line)) {
    if (shownColumn === undefined && column < end) shownColumn = text.length + (isValue ? 0 : column - start);
    text += isValue ? '…' : line.slice(start, end);
  }
  return { text, column: shownColumn ?? text.length };
}

interface Part {
  readonly start: number;
  readonly end: number;
  readonly isValue: boolean;
}

function* parts(line: string): Iterable<Part> {
  const start = head.exec(line)?.[0].length ?? 0;
  yield { start: 0, end: start, isValue: false };
  if (start === line.length) return;
  if (!/[[{]/.test(line[start]!)) {
    // Outside of brackets the rest of the line is one value, of whatever characters.
    yield { start, end: line.length, isValue: true };
    return;
  }
  for (const { index, 0: found, groups } of line.slice(start).matchAll(inBrackets)) {
    yield { start: start + index, end: start + index + found.length, isValue: groups?.['structure'] === undefined };
  }
}
