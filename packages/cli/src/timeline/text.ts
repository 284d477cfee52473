/** Formats a timeline as text: the critical chain, the duration of each component and potential savings. */
import type { Paint } from '../terminal/paint.ts';
import { durationText } from '../recording/names.ts';
import { nameIn, type Timeline } from '../recording/timeline.ts';

/** The maximum number of listed components, longest first. */
const mostComponents = 40;

/** Shorter links, in milliseconds, are added to the time between links. */
const shortestLinkMs = 0.1;

/** Less slack, in milliseconds, counts as none. */
const noSlackMs = 0.05;

/** Smaller savings, in milliseconds, are not listed. */
const worthMs = 1;

export function timelineText(timeline: Timeline, paint: Paint): string {
  const { components, total } = timeline;
  const count = `${components.length} ${components.length === 1 ? 'component' : 'components'}`;
  const sections = [chainLines(timeline, paint), componentLines(timeline, paint), whatIfLines(timeline, paint)];
  return [paint('bold', `Started ${count} in ${durationText(total)}`), ...sections.map((lines) => lines.join('\n'))]
    .map((section) => `${section}\n`)
    .join('\n');
}

function chainLines(timeline: Timeline, paint: Paint): string[] {
  const { chain, total } = timeline;
  const links = chain.filter(({ time }) => time >= shortestLinkMs);
  const rows = links.map(({ path, steps, time }) => [
    durationText(time),
    nameIn(timeline, path),
    steps.length > 0 ? steps.join(', ') : 'blocked the thread',
  ]);
  const rest = total - links.reduce((sum, { time }) => sum + time, 0);
  return [
    paint('bold', 'Critical chain: each component waited for the previous one'),
    ...table([...rows, [durationText(Math.max(0, rest)), 'before and between', '']], ['right', 'left', 'left']),
  ];
}

function componentLines(timeline: Timeline, paint: Paint): string[] {
  const sorted = timeline.components.toSorted((a, b) => b.own - a.own);
  const rows = sorted
    .slice(0, mostComponents)
    .map(({ path, own, slack, beganAt, endedAt, progress = '' }) => [
      durationText(own),
      nameIn(timeline, path),
      durationText(beganAt),
      durationText(endedAt),
      slack < noSlackMs ? '–' : durationText(slack),
      progress,
    ]);
  const [head, ...lines] = table(
    [
      ['took', 'component', 'from', 'to', 'slack', rows.some((row) => row.at(-1) !== '') ? 'last progress text' : ''],
      ...rows,
    ],
    ['right', 'left', 'right', 'right', 'right', 'left'],
  );
  const rest = sorted.slice(mostComponents);
  return [
    paint('bold', 'Components by duration; slack is the delay that would not lengthen the start'),
    paint('dim', head!),
    ...lines,
    ...(rest.length > 0 ? [`  and ${rest.length} more, each ${durationText(rest[0]!.own)} or less`] : []),
  ];
}

function whatIfLines(timeline: Timeline, paint: Paint): string[] {
  const { components } = timeline;
  const gains = components.filter(({ halfSaves }) => halfSaves >= worthMs).sort((a, b) => b.halfSaves - a.halfSaves);
  const without = components.filter(({ halfSaves, own }) => halfSaves < worthMs && own >= worthMs);
  const lines = gains
    .slice(0, mostComponents)
    .map(({ path, halfSaves }) => `  ${nameIn(timeline, path)} took half as long: saves ${durationText(halfSaves)}`);
  if (without.length > 0) {
    const names = without.sort((a, b) => b.own - a.own).map(({ path }) => nameIn(timeline, path));
    const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
    lines.push(`  ${names.slice(0, 10).join(', ')}${more} took half as long: saves almost nothing`);
  }
  return [paint('bold', 'What if'), ...(lines.length > 0 ? lines : ['  no component took long enough to save time'])];
}

type Side = 'left' | 'right';

function table(rows: ReadonlyArray<readonly string[]>, sides: readonly Side[]): string[] {
  const widths = sides.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      sides[column] === 'right' ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    return `  ${cells.join('  ')}`.trimEnd();
  });
}
