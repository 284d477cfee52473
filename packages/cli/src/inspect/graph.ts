/** `asphalt graph`: draws the components of an application and what they need of each other. */
import { describePlan, type PlanDescription } from '@asphalt/core';
import type { Output } from '../terminal/output.ts';
import { planOf, type ApplicationArguments } from '../load/plan.ts';

/** What draws each format; the module of a picture is loaded when one is asked for. */
const drawings = {
  tree: async () => (await import('../draw/tree.ts')).drawTree,
  mermaid: async () => (await import('../draw/mermaid.ts')).drawMermaid,
  dot: async () => (await import('../draw/dot.ts')).drawDot,
  svg: async () => (await import('../draw/svg.ts')).drawSvg,
  html: async () => (await import('../draw/html.ts')).drawHtml,
  json: async () => (plan: PlanDescription) => `${JSON.stringify(plan, undefined, 2)}\n`,
} as const;

export type GraphFormat = keyof typeof drawings;

/** Draws also what cannot start: a picture helps to see why. @returns the exit code */
export async function graph(args: ApplicationArguments, format: GraphFormat, stdout: Output): Promise<number> {
  const plan = await planOf(args);
  const draw = await drawings[format]();
  stdout.write(await draw(describePlan(plan)));
  return 0;
}
