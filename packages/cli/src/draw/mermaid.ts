/** Draws the graph in the Mermaid language, which GitHub and many editors support. */
import type { PlanDescription } from '@asphalt/core/inspect';
import { edgesOf, type Edge } from './edges.ts';

const lines: Record<Edge['kind'], string> = { need: '-->', deferred: '-.->', event: '==>' };

export function drawMermaid(plan: PlanDescription): string {
  const boxes = plan.components.map(({ alias, type }, index) => {
    const label = alias === '' ? escape(type) : `<b>${escape(alias)}</b><br/>${escape(type)}`;
    return `  c${index}["${label}"]`;
  });
  const edges = edgesOf(plan).map(
    ({ from, to, keys, kind }) => `  c${from} ${lines[kind]}|"${keys.map(escape).join('<br/>')}"| c${to}`,
  );
  return `${['flowchart LR', ...boxes, ...edges].join('\n')}\n`;
}

function escape(text: string): string {
  return text.replace(/[&<>"#]/g, (character) => `#${character.charCodeAt(0)};`);
}
