/** The decorator `@health`. Like the other decorators, it only writes a record that the graph reads later. */
import { describeValue } from '../config/describe.ts';
import { nearMisses } from '../errors/near-misses.ts';
import { classOf, isGeneratorMethod, isMethodOfInstances, refuseBare, refuseStandard } from './decorators.ts';
import type { FromConfig, HealthPurpose, Misuse } from './declaration-types.ts';
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
    const fault = faultOf(purpose, critical, timeoutMs);
    if (fault) misuses.push({ decorator: '@health()', member, ...fault, site });
    else healthChecks.push({ member, for: purpose, critical, timeoutMs, site });
  };
}

const purposes: readonly string[] = ['ready', 'live'] satisfies HealthPurpose[];

/** Finds an option that cannot work, because it has a wrong value or, without a compiler, a wrong type. */
function faultOf(purpose: unknown, critical: unknown, timeoutMs: unknown): Pick<Misuse, 'reason' | 'help'> | undefined {
  if (typeof purpose !== 'string' || !purposes.includes(purpose)) {
    const near = typeof purpose === 'string' ? nearMisses(purpose, purposes, 1) : [];
    const help = near.length > 0 ? `did you mean '${near[0]}'?` : "use 'ready' or 'live'";
    return { reason: `a check cannot be for ${describeValue(purpose)}`, help };
  }
  if (typeof critical !== 'boolean' && !isFromConfig(critical)) {
    return { reason: '`critical` is neither a boolean nor fromConfig()', help: 'use true, false or fromConfig()' };
  }
  if (typeof timeoutMs !== 'number') {
    const reason = `a limit is a number of milliseconds, not ${describeValue(timeoutMs)}`;
    return { reason, help: 'use a number such as 2000' };
  }
  if (timeoutMs > 0) return undefined;
  return { reason: `no check can end within a limit of ${timeoutMs} ms`, help: 'use a limit of at least 1 ms' };
}

function isFromConfig(value: unknown): value is FromConfig {
  return typeof value === 'object' && value !== null && 'option' in value && typeof value.option === 'string';
}
