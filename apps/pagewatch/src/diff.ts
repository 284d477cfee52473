/**
 * Computes the readable difference of two texts as data: hunks of lines with some context, and the words that differ in
 * rewritten lines. `diff-html.ts` and `diff-text.ts` render it.
 *
 * The size of the difference and the computing time are bounded for all texts, because pages are untrusted.
 */
import { diffWordsWithSpace, structuredPatch } from 'diff';
import { pairLines } from './pair-lines.ts';

/** A piece of a line. */
export interface Segment {
  readonly text: string;
  /** Whether the segment differs from the line's counterpart. */
  readonly changed: boolean;
}

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly segments: readonly Segment[];
}

export interface Hunk {
  /** The number of the first line in the text before and after, from 1. */
  readonly before: number;
  readonly after: number;
  readonly lines: readonly DiffLine[];
}

export interface PageDiff {
  readonly hunks: readonly Hunk[];
  /** The numbers of added and removed lines, including omitted ones. */
  readonly added: number;
  readonly removed: number;
  /** The number of lines that are omitted from `hunks` because the difference is too long. */
  readonly omitted: number;
}

const contextLines = 2;
const longestDiff = 400;
const longestLine = 1_000;
/** Texts with more edits are shown as replaced, because computing the shortest edit would take too long. */
const mostEdits = 2_000;
/** Larger texts, in total, are not compared. */
const mostCharacters = 8_000_000;

/** Compares two texts line by line. */
export function diffTexts(before: string, after: string): PageDiff {
  const patch =
    before.length + after.length > mostCharacters
      ? undefined
      : structuredPatch('', '', ended(before), ended(after), undefined, undefined, {
          context: contextLines,
          maxEditLength: mostEdits,
        });
  const raw = patch
    ? patch.hunks.map(({ oldStart, newStart, lines }) => ({ before: oldStart, after: newStart, lines }))
    : [{ before: 1, after: 1, lines: [...marked('-', before), ...marked('+', after)] }];

  let room = longestDiff;
  let added = 0;
  let removed = 0;
  let omitted = 0;
  const hunks: Hunk[] = [];
  for (const { lines, ...start } of raw) {
    for (const line of lines) {
      if (line.startsWith('+')) added += 1;
      else if (line.startsWith('-')) removed += 1;
    }
    if (room > 0) hunks.push({ ...start, lines: readLines(lines.slice(0, room)) });
    omitted += Math.max(0, lines.length - room);
    room = Math.max(0, room - lines.length);
  }
  return { hunks, added, removed, omitted };
}

/** Summarizes the difference in a few words: "2 lines added, 1 removed". */
export function summarize({ added, removed }: Pick<PageDiff, 'added' | 'removed'>): string {
  const lines = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'line' : 'lines'}`;
  if (removed === 0) return `${lines(added)} added`;
  if (added === 0) return `${lines(removed)} removed`;
  if (added === removed) return `${lines(added)} changed`;
  return `${lines(added)} added, ${removed.toLocaleString('en')} removed`;
}

function ended(text: string): string {
  return text === '' ? '' : `${text}\n`;
}

function marked(mark: string, text: string): string[] {
  return text === '' ? [] : text.split('\n').map((line) => mark + line);
}

/** Converts the lines of a hunk (`-old`, `+new`, ` same`) to segments, block by block. */
function readLines(lines: readonly string[]): DiffLine[] {
  const result: DiffLine[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const endBlock = (): void => {
    result.push(...readBlock(removed, added));
    removed = [];
    added = [];
  };
  for (const line of lines) {
    const text = clip(line.slice(1));
    if (line.startsWith('-')) {
      removed.push(text);
    } else if (line.startsWith('+')) {
      added.push(text);
    } else {
      endBlock();
      result.push({ kind: 'same', segments: [{ text, changed: false }] });
    }
  }
  endBlock();
  return result;
}

/** Lists removed lines before the lines that replace them. Marks the words that differ in rewritten lines. */
function readBlock(removed: readonly string[], added: readonly string[]): DiffLine[] {
  const counterparts = pairLines(removed, added);
  const segmentsAfter = added.map((text): readonly Segment[] => [{ text, changed: false }]);
  const linesBefore = removed.map((text, index): DiffLine => {
    const counterpart = counterparts[index];
    if (counterpart === undefined) return { kind: 'removed', segments: [{ text, changed: false }] };
    const words = diffWordsWithSpace(text, added[counterpart]!);
    segmentsAfter[counterpart] = joined(words.filter((word) => !word.removed));
    return { kind: 'removed', segments: joined(words.filter((word) => !word.added)) };
  });
  return [...linesBefore, ...segmentsAfter.map((segments): DiffLine => ({ kind: 'added', segments }))];
}

/** Joins adjacent changed words, also across single spaces, so that a rewritten phrase is one segment. */
function joined(words: ReadonlyArray<{ value: string; added: boolean; removed: boolean }>): Segment[] {
  const segments: Array<{ text: string; changed: boolean }> = [];
  words.forEach(({ value, added, removed }, index) => {
    const next = words[index + 1];
    const last = segments.at(-1);
    const bridges = last?.changed === true && value === ' ' && next !== undefined && (next.added || next.removed);
    const changed = added || removed || bridges;
    if (last?.changed === changed) last.text += value;
    else segments.push({ text: value, changed });
  });
  return segments;
}

function clip(line: string): string {
  if (line.length <= longestLine) return line;
  // Do not cut between the halves of a surrogate pair.
  const splitsPair = line.codePointAt(longestLine - 1)! > 0xffff;
  return `${line.slice(0, splitsPair ? longestLine - 1 : longestLine)}…`;
}
