/** Draws a timeline as SVG: a row for each component, a bar for each span and an arrow for each need. */
import { escapeSvg as escape, roundSvg as round } from '../draw/svg-text.ts';
import { durationText } from '../recording/names.ts';
import { nameIn, type SpanTiming, type Timeline } from '../recording/timeline.ts';

/** An estimate, because no browser is available to measure text. */
const characterWidth = 7.6;
const rowHeight = 26;
const barHeight = 14;
const top = 76;
const margin = 20;
const plotWidth = 860;
/** The minimum width of a bar, so that a span without duration is visible. */
const thinnest = 1.5;

const style = `
  text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1c1d26; }
  .title { font-weight: 600; font-size: 15px; }
  .faint { fill: #5d6470; font-size: 12px; }
  .chained { font-weight: 600; }
  .ground { fill: #f7f8fa; } .stripe { fill: #eef0f4; } .grid { stroke: #d5d9e1; }
  .bar { fill: #a9b4c8; } .chain { fill: #4f46e5; }
  .need { fill: none; stroke: #6b7280; stroke-width: 1; opacity: 0.6; }
  .need.chain { stroke: #4f46e5; stroke-width: 1.8; opacity: 1; fill: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8eaf0; } .faint { fill: #9aa1ae; }
    .ground { fill: #14161c; } .stripe { fill: #1a1d25; } .grid { stroke: #2c313c; }
    .bar { fill: #566178; } .chain { fill: #8b85ff; } .need { stroke: #8b93a1; } .need.chain { stroke: #8b85ff; }
  }`;

export function timelineSvg(timeline: Timeline): string {
  const { components, spans, total } = timeline;
  const names = components.map(({ path }) => nameIn(timeline, path));
  const left = margin * 2 + Math.max(...names.map((name) => name.length)) * characterWidth;
  const scale = plotWidth / Math.max(total, 0.001);
  const x = (at: number): number => round(left + at * scale);
  const rowOf = new Map(components.map(({ path }, row) => [path, row]));
  const y = (path: string): number => top + rowOf.get(path)! * rowHeight;
  const width = round(left + plotWidth + margin + 70);
  const height = top + components.length * rowHeight + margin;
  const chained = new Set(spans.filter(({ isInChain }) => isInChain).map(({ path }) => path));

  const rows = components.map(({ path, own, endedAt, progress }, row) => {
    const baseline = round(y(path) + rowHeight / 2 + 4.5);
    return [
      row % 2 === 0 ? `<rect class="stripe" x="0" y="${y(path)}" width="${width}" height="${rowHeight}"/>` : '',
      `<text x="${margin}" y="${baseline}"${chained.has(path) ? ' class="chained"' : ''}>${escape(names[row]!)}${progress === undefined ? '' : `<title>${escape(progress)}</title>`}</text>`,
      `<text class="faint" x="${round(x(endedAt) + 8)}" y="${baseline}">${durationText(own)}</text>`,
    ].join('');
  });
  const bars = spans.map((span) => {
    const { path, step, beganAt, endedAt, isInChain } = span;
    const frame = `x="${x(beganAt)}" y="${y(path) + (rowHeight - barHeight) / 2}" width="${round(Math.max(thinnest, (endedAt - beganAt) * scale))}" height="${barHeight}"`;
    const title = `${nameIn(timeline, path)} ${step}: ${durationText(endedAt - beganAt)}, from ${durationText(beganAt)} to ${durationText(endedAt)}`;
    return `<rect class="${isInChain ? 'chain' : 'bar'}" ${frame} rx="2"><title>${escape(title)}</title></rect>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>Start of ${escape(names[0]!)}</title>`,
    `<style>${style}\n</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">',
    '<path d="M0 0 8 4 0 8z" fill="context-stroke"/></marker></defs>',
    '<rect class="ground" width="100%" height="100%"/>',
    ...rows,
    `<text class="title" x="${margin}" y="30">${escape(names[0]!)} started in ${durationText(total)}</text>`,
    ...legend(left + plotWidth - 200),
    ...axis(total, x, height - margin),
    ...bars,
    ...edgesAmong(spans).map(({ from, to }) => {
      const isChain = from.isInChain && to.isInChain;
      const path = curve(x(from.endedAt) - 1, y(from.path), x(to.beganAt) + 2, y(to.path));
      return `<path class="need${isChain ? ' chain' : ''}" d="${path}" marker-end="url(#head)"/>`;
    }),
    '</svg>\n',
  ].join('\n');
}

function legend(left: number): string[] {
  return [
    `<rect class="chain" x="${left}" y="19" width="22" height="${barHeight}" rx="2"/><text class="faint" x="${left + 28}" y="30">critical chain</text>`,
    `<rect class="bar" x="${left + 125}" y="19" width="22" height="${barHeight}" rx="2"/><text class="faint" x="${left + 153}" y="30">other work</text>`,
  ];
}

/** Draws five to ten lines at round times. */
function axis(total: number, x: (at: number) => number, bottom: number): string[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(total, 0.001) / 5));
  const step = [1, 2, 5].map((factor) => factor * power).findLast((each) => total / each >= 5) ?? power;
  const times = Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
  return times.map(
    (time) =>
      `<line class="grid" x1="${x(time)}" x2="${x(time)}" y1="${top - 8}" y2="${bottom}"/><text class="faint" text-anchor="middle" x="${x(time)}" y="${top - 14}">${time === 0 ? '0' : durationText(time)}</text>`,
  );
}

interface Edge {
  readonly from: SpanTiming;
  readonly to: SpanTiming;
}

/** Returns one edge for each pair of a span and a component that needs it. Omits edges from descendants to parents. */
function edgesAmong(spans: readonly SpanTiming[]): Edge[] {
  const first = new Map<string, Edge>();
  for (const to of spans) {
    for (const need of to.needs) {
      const from = spans[need]!;
      const isParent = to.path === '' || from.path.startsWith(`${to.path}.`);
      if (from.path === to.path || (isParent && !(from.isInChain && to.isInChain))) continue;
      const key = `${need} ${to.path}`;
      if (!first.has(key)) first.set(key, { from, to });
    }
  }
  return [...first.values()];
}

/** Draws a curve from the end of one bar to the beginning of another, given the tops of their rows. */
function curve(fromX: number, fromRow: number, toX: number, toRow: number): string {
  const isDown = toRow > fromRow;
  const edge = (row: number, isBottom: boolean): number => row + (rowHeight + (isBottom ? barHeight : -barHeight)) / 2;
  const from = edge(fromRow, isDown);
  const to = edge(toRow, !isDown);
  const middle = (from + to) / 2;
  return `M${round(fromX)} ${from}C${round(fromX)} ${middle} ${round(toX)} ${middle} ${round(toX)} ${to}`;
}
