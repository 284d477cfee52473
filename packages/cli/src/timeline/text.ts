/** A timeline as text: the critical chain, who took how long, and what would be gained by whom. */
import type { Paint } from '../terminal/paint.ts';
import { durationText } from '../recording/names.ts';
import { nameIn, type Timeline } from '../recording/timeline.ts';

/** How many components are listed; the others took less. */
const mostComponents = 40;

/** Links that took less than this, in milliseconds, count among what lies between the others. */
const shortestLinkMs = 0.1;

/** Less slack than this, in milliseconds, is none. */
const noSlackMs = 0.05;

/** What would be gained is told from here on, in milliseconds. */
const worthMs = 1;

export function timelineText(timeline: Timeline, paint: Paint): string {
  const { components, total } = timeline;
  const count = `${components.length} ${components.length === 1 ? 'component' : 'components'}`;
  const sections = [chainLines(timeline, paint), blameLines(timeline, paint), whatIfLines(timeline, paint)];
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
    steps.length > 0 ? steps.join(', ') : 'held the thread',
  ]);
  const rest = total - links.reduce((sum, { time }) => sum + time, 0);
  return [
    paint('bold', 'Critical chain: each waited for the one before'),
    ...table([...rows, [durationText(Math.max(0, rest)), 'before and between them', '']], ['right', 'left', 'left']),
  ];
}

function blameLines(timeline: Timeline, paint: Paint): string[] {
  const sorted = timeline.components.toSorted((a, b) => b.own - a.own);
  const rows = sorted
    .slice(0, mostComponents)
    .map(({ path, own, slack, beganAt, endedAt }) => [
      durationText(own),
      nameIn(timeline, path),
      durationText(beganAt),
      durationText(endedAt),
      slack < noSlackMs ? '–' : durationText(slack),
    ]);
  const [head, ...lines] = table(
    [['took', 'component', 'from', 'to', 'slack'], ...rows],
    ['right', 'left', 'right', 'right', 'right'],
  );
  const rest = sorted.slice(mostComponents);
  return [
    paint('bold', 'Components by the time that they took; the slack is what they could have taken more'),
    paint('dim', head!),
    ...lines,
    ...(rest.length > 0
      ? [`  and ${rest.length} more, none of which took longer than ${durationText(rest[0]!.own)}`]
      : []),
  ];
}

function whatIfLines(timeline: Timeline, paint: Paint): string[] {
  const { components } = timeline;
  const gains = components.filter(({ halfSaves }) => halfSaves >= worthMs).sort((a, b) => b.halfSaves - a.halfSaves);
  const vain = components.filter(({ halfSaves, own }) => halfSaves < worthMs && own >= worthMs);
  const lines = gains
    .slice(0, mostComponents)
    .map(
      ({ path, halfSaves }) =>
        `  ${nameIn(timeline, path)} took half as long: the start would take ${durationText(halfSaves)} less`,
    );
  if (vain.length > 0) {
    const names = vain.sort((a, b) => b.own - a.own).map(({ path }) => nameIn(timeline, path));
    const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
    lines.push(`  ${names.slice(0, 10).join(', ')}${more} took half as long: next to nothing would be gained`);
  }
  return [paint('bold', 'What if'), ...(lines.length > 0 ? lines : ['  nothing took long enough to gain anything'])];
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
