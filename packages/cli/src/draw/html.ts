/** The graph as a page for a browser, in one file that loads nothing: to move about in, and to search. */
import { readFileSync } from 'node:fs';
import type { PlanDescription } from '@asphalt/core';
import { packageFile } from '../terminal/package-files.ts';
import { escapeSvg as escape } from './svg-text.ts';
import { drawSvg } from './svg.ts';

export async function drawHtml(plan: PlanDescription): Promise<string> {
  const part = (name: string): string => readFileSync(packageFile(`pages/graph/${name}`), 'utf8');
  const values: Readonly<Record<string, string>> = {
    title: escape(plan.components[0]?.type ?? 'Application'),
    style: `<style>\n${part('page.css')}</style>`,
    // The picture fills the window instead of having a size of its own.
    graph: (await drawSvg(plan)).replace(/ width="[\d.]+" height="[\d.]+"/, ''),
    script: `<script>\n${part('page.js')}</script>`,
  };
  return part('page.html').replaceAll(/<!-- (\w+) -->/g, (whole, name: string) => values[name] ?? whole);
}
