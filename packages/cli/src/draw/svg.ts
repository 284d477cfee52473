/** Draws the graph as SVG: components as boxes, with an edge from each one to the providers of its needs. */
import type { ComponentDescription, PlanDescription } from '@asphalt/core/inspect';
import { edgesOf, keyLabel, type Edge } from './edges.ts';
import { layOut, type Point, type Route, type Size } from './layout.ts';
import { escapeSvg as escape, roundSvg as round } from './svg-text.ts';

/** An estimate, because no browser is available to measure text. */
const characterWidth = 8.2;
const lineHeight = 17;
const padding = 12;

const style = `
  text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1c1d26; }
  .alias { font-weight: 600; }
  .faint { fill: #5d6470; font-size: 12px; }
  .box { fill: #fff; stroke: #c9cdd6; }
  .arrow { fill: none; stroke: #6b7280; stroke-width: 1.3; }
  .deferred { stroke-dasharray: 4 4; }
  .event { stroke: #4f46e5; stroke-width: 2; }
  .label { font-size: 11px; fill: #5d6470; paint-order: stroke; stroke: #f7f8fa; stroke-width: 4px; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8eaf0; } .faint, .label { fill: #9aa1ae; } .label { stroke: #14161c; }
    .ground { fill: #14161c; } .box { fill: #1e2129; stroke: #3a3f4b; } .arrow { stroke: #8b93a1; } .event { stroke: #8b85ff; }
  }`;

export async function drawSvg(plan: PlanDescription): Promise<string> {
  const edges = edgesOf(plan);
  const sizes = plan.components.map((component) => sizeOf(linesOf(component)));
  const { width, height, places, routes } = await layOut(
    sizes,
    edges.map(({ from, to, keys }) => ({ from, to, label: sizeOf(keys) })),
  );
  const boxes = plan.components.map((component, index) => drawBox(component, index, sizes[index]!, places[index]!));
  const lines = edges.map((edge, index) => drawEdge(edge, routes[index]!));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" role="img">`,
    `<title>${escape(plan.components[0]?.type ?? 'Application')}</title>`,
    `<style>${style}\n</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">',
    '<path d="M0 0 8 4 0 8z" fill="context-stroke"/></marker></defs>',
    '<rect class="ground" width="100%" height="100%" fill="#f7f8fa"/>',
    ...lines,
    ...boxes,
    '</svg>\n',
  ].join('\n');
}

/** Returns the lines in a box: alias, class and provided keys. */
function linesOf({ alias, type, provides }: ComponentDescription): string[] {
  const keys = provides.flatMap(({ ids, name }) => ids.map((id) => `▸ ${keyLabel({ id, name })}`));
  return alias === '' ? [type, ...keys] : [alias, type, ...keys];
}

function sizeOf(lines: readonly string[]): Size {
  const longest = Math.max(...lines.map((line) => line.length));
  return { width: longest * characterWidth + 2 * padding, height: lines.length * lineHeight + 1.4 * padding };
}

function drawBox(component: ComponentDescription, index: number, { width, height }: Size, { x, y }: Point): string {
  const left = x - width / 2;
  const top = y - height / 2;
  const texts = linesOf(component).map((line, row) => {
    const place = `x="${round(left + padding)}" y="${round(top + padding / 2 + lineHeight * (row + 0.8))}"`;
    return `<text ${place} class="${row === 0 ? 'alias' : 'faint'}">${escape(line)}</text>`;
  });
  const frame = `x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="7"`;
  return [
    `<g class="component" data-index="${index}" data-path="${escape(component.path)}">`,
    `<title>${escape(component.description ?? component.type)}</title>`,
    `<rect class="box" ${frame}/>`,
    ...texts,
    '</g>',
  ].join('\n');
}

function drawEdge({ from, to, keys, kind }: Edge, { curve, label: { x, y } }: Route): string {
  const first = y - ((keys.length - 1) * lineHeight) / 2;
  const labels = keys.map(
    (key, index) =>
      `<text class="label" text-anchor="middle" x="${round(x)}" y="${round(first + index * lineHeight + 4)}">${escape(key)}</text>`,
  );
  return [
    `<g class="need" data-from="${from}" data-to="${to}">`,
    `<path class="arrow ${kind}" d="${pathOf(curve)}" marker-end="url(#head)"/>`,
    ...labels,
    '</g>',
  ].join('\n');
}

function pathOf([start, ...rest]: Route['curve']): string {
  const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
  return `M${at(start!)} C${rest.map(at).join(' ')}`;
}
