/** `asphalt health --list`: lists the health checks of an application without starting it. */
import { describePlan } from '@asphalt/core/inspect';
import type { ApplicationArguments } from '../load/application-config.ts';
import { planOf } from '../load/plan.ts';
import { columns } from '../terminal/columns.ts';
import type { Output } from '../terminal/output.ts';
import { componentText, json, type HealthFormat } from './format.ts';

export interface ListOptions extends ApplicationArguments {
  readonly format: HealthFormat;
  readonly stdout: Output;
}

/** Lists the checks, even of an application that cannot start. @returns the exit code */
export async function listHealthChecks({ format, stdout, ...args }: ListOptions): Promise<number> {
  const { components } = describePlan(await planOf(args));
  const checks = components.flatMap(({ path, healthChecks }) =>
    healthChecks.map((check) => ({ component: path, ...check })),
  );
  const rows = checks.map(({ component, member, for: purpose, critical, timeoutMs }) => [
    componentText(component),
    `${member}()`,
    purpose,
    critical ? 'yes' : 'no',
    `${timeoutMs / 1000} s`,
  ]);
  const [head = '', ...lines] = columns([['component', 'check', 'for', 'critical', 'limit'], ...rows]);
  if (format === 'json') stdout.write(json(checks));
  else if (lines.length === 0) stdout.write('No component has a health check\n');
  else stdout.write(`${[stdout.paint('bold', head), ...lines].join('\n')}\n`);
  return 0;
}
