import type { ComponentNode, Plan } from '@asphalt/core';

/** How timelines call a component: by its path, and the root by its class. */
export function componentName({ path, type }: ComponentNode): string {
  return path === '' ? type.name : path;
}

/** How timelines call what a component does: the hook, or the provider's member. */
export function stepName({ steps }: Plan, step: number | 'ready'): string {
  if (step === 'ready') return step;
  const { kind, provider } = steps[step]!;
  return provider ? String(provider.declaration.member) : kind;
}

/** Such as `0.4 ms`, `310 ms` or `2.35 s`. */
export function durationText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return ms >= 9.95 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}
