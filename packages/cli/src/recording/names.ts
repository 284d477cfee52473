/** How timelines and what is told of a start call things. */
import type { ComponentNode, Plan } from '@asphalt/core';

/** The component's path; for the root, its class. */
export function componentName({ path, type }: ComponentNode): string {
  return path === '' ? type.name : path;
}

/** The hook, or the provider's member. */
export function stepName({ steps }: Plan, step: number | 'ready'): string {
  if (step === 'ready') return step;
  const { kind, provider } = steps[step]!;
  return provider ? String(provider.declaration.member) : kind;
}

/** Such as `connect()`, as it stands in the code. */
export function callName(plan: Plan, step: number | 'ready'): string {
  const name = stepName(plan, step);
  return name === 'construct' ? 'constructor' : `${name}()`;
}

/** Such as `0.4 ms`, `310 ms` or `2.35 s`. */
export function durationText(ms: number): string {
  if (ms >= 999.5) return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`;
  return ms >= 9.95 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}
