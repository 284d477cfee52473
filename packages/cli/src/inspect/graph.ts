/** `asphalt graph`: draws the dependency graph of an application. */
import { describePlan, type PlanDescription } from '@asphalt/core/inspect';
import type { Output } from '../terminal/output.ts';
import type { ApplicationArguments } from '../load/application-config.ts';
import { planOf } from '../load/plan.ts';

/** The function that draws each format. Its module is loaded on demand. */
const drawings = {
  tree: async () => (await import('../draw/tree.ts')).drawTree,
  mermaid: async () => (await import('../draw/mermaid.ts')).drawMermaid,
  dot: async () => (await import('../draw/dot.ts')).drawDot,
  svg: async () => (await import('../draw/svg.ts')).drawSvg,
  html: async () => (await import('../draw/html.ts')).drawHtml,
  json: async () => (plan: PlanDescription) => `${JSON.stringify(plan, undefined, 2)}\n`,
} as const;

export type GraphFormat = keyof typeof drawings;

export interface GraphOptions extends ApplicationArguments {
  readonly format: GraphFormat;
  readonly stdout: Output;
}

/** Draws the graph, even of an application that cannot start, to help find out why. @returns the exit code */
export async function graph({ format, stdout, ...args }: GraphOptions): Promise<number> {
  const plan = await planOf(args);
  const draw = await drawings[format]();
  stdout.write(await draw(describePlan(plan)));
  return 0;
}
