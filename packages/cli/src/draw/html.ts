/** Draws the graph as an interactive page with search, in one HTML file without external resources. */
import { readFileSync } from 'node:fs';
import type { PlanDescription } from '@asphalt/core/inspect';
import { packageFile } from '../terminal/package-files.ts';
import { escapeSvg as escape } from './svg-text.ts';
import { drawSvg } from './svg.ts';

export async function drawHtml(plan: PlanDescription): Promise<string> {
  const part = (name: string): string => readFileSync(packageFile(`pages/graph/${name}`), 'utf8');
  const values: Readonly<Record<string, string>> = {
    title: escape(plan.components[0]?.type ?? 'Application'),
    style: `<style>\n${part('page.css')}</style>`,
    // Without its own size, the SVG fills the window.
    graph: (await drawSvg(plan)).replace(/ width="[\d.]+" height="[\d.]+"/, ''),
    script: `<script>\n${part('page.js')}</script>`,
  };
  return part('page.html').replaceAll(/<!-- (\w+) -->/g, (whole, name: string) => values[name] ?? whole);
}
