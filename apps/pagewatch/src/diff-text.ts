import type { DiffLine, PageDiff } from './diff.ts';

const marks: Readonly<Record<DiffLine['kind'], string>> = { same: '  ', removed: '- ', added: '+ ' };

/** Renders a difference as plain text, for mail. */
export function diffText(diff: PageDiff): string {
  const hunks = diff.hunks.map(({ lines }) =>
    lines.map(({ kind, segments }) => marks[kind] + segments.map(({ text }) => text).join('')).join('\n'),
  );
  if (diff.omitted > 0) hunks.push(omission(diff));
  return hunks.join('\n\n  ⋯\n\n');
}

/** Describes how many lines of a difference are not shown. */
export function omission({ omitted }: PageDiff): string {
  return `${omitted.toLocaleString('en')} more ${omitted === 1 ? 'line' : 'lines'}`;
}
