/** The decorator `@health`. Like the other decorators, it only writes a record that the graph reads later. */
import { classOf, isGeneratorMethod, isMethodOfInstances, refuseBare, refuseStandard } from './decorators.ts';
import type { FromConfig } from './declaration-types.ts';
import { ownDeclarations } from './declarations.ts';
import type { MethodDecoration } from './injection-types.ts';
import { captureSite } from './place.ts';

export interface HealthOptions {
  /** `'live'` for a failure that only a restart of the process can fix. @default 'ready' */
  readonly for?: 'ready' | 'live';
  /**
   * Whether a failure means `down` instead of `degraded`; `fromConfig('required')` reads this from an option.
   *
   * @default true
   */
  readonly critical?: boolean | FromConfig;
  /** Limit in milliseconds for a call and the teardown of its context. @default 2000 */
  readonly timeout?: number;
}

/**
 * Declares a health check, which `Application.health()` calls. It fails if it throws or exceeds its limit.
 *
 * Each call has its own context, from which its needs are injected and which closes before the result counts. The
 * first parameter without `@inject` receives the `AbortSignal` that fires at the limit and when the component stops,
 * the second one the context.
 */
export function health(options?: HealthOptions): MethodDecoration;
export function health(options: HealthOptions = {}, ...more: readonly unknown[]): MethodDecoration {
  if (more.length > 0) refuseBare('@health', options, ...(more as [unknown, unknown]));
  const site = captureSite(health);
  const { for: purpose = 'ready', critical = true, timeout: timeoutMs = 2000 } = options;
  return (prototype, member, descriptor) => {
    refuseStandard('@health()', member, site);
    if (!isMethodOfInstances('@health()', prototype, member, descriptor, site)) return;
    if (isGeneratorMethod('@health()', prototype, member, descriptor, site)) return;
    const { healthChecks, misuses } = ownDeclarations(classOf(prototype));
    if (timeoutMs > 0) {
      healthChecks.push({ member, for: purpose, critical, timeoutMs, site });
      return;
    }
    const reason = `no check can end within a limit of ${timeoutMs} ms`;
    misuses.push({ decorator: '@health()', member, reason, help: 'use a limit of at least 1 ms', site });
  };
}
