/** Draws the graph in the DOT language of Graphviz. */
import type { PlanDescription } from '@asphalt/core/inspect';
import { edgesOf, type Edge } from './edges.ts';

const styles: Record<Edge['kind'], string> = { need: 'solid', deferred: 'dashed', event: 'bold' };

export function drawDot(plan: PlanDescription): string {
  const boxes = plan.components.map(({ alias, type }, index) => {
    return `  c${index} [label=${quote(alias === '' ? type : `${alias}\n${type}`)}];`;
  });
  const edges = edgesOf(plan).map(
    ({ from, to, keys, kind }) => `  c${from} -> c${to} [label=${quote(keys.join('\n'))}, style=${styles[kind]}];`,
  );
  const head = ['digraph application {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif"];'];
  return `${[...head, ...boxes, ...edges, '}'].join('\n')}\n`;
}

/** Quotes a DOT string, in which a line break is written as `\n`. */
function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
