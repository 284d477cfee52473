/** Names and durations as timelines and start reports show them. */
import type { ComponentNode, Plan } from '@asphalt/core';

/** Returns the path of a component; for the root, the name of its class. */
export function componentName({ path, type }: ComponentNode): string {
  return path === '' ? type.name : path;
}

/** Returns the name of a step: its hook, or the member of its provider. */
export function stepName({ steps }: Plan, step: number | 'ready'): string {
  if (step === 'ready') return step;
  const { kind, provider } = steps[step]!;
  return provider ? String(provider.declaration.member) : kind;
}

/** Returns the call of a step, such as `connect()`. */
export function callName(plan: Plan, step: number | 'ready'): string {
  const name = stepName(plan, step);
  return name === 'construct' ? 'constructor' : `${name}()`;
}

/** Formats a duration, such as `0.4 ms`, `310 ms` or `2.35 s`. */
export function durationText(ms: number): string {
  if (ms >= 999.5) return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`;
  return ms >= 9.95 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}
