/** `asphalt check`: reports all problems that prevent an application from starting, without starting it. */
import { PlanError, type Plan } from '@asphalt/core';
import { describePlan, type PlanDescription } from '@asphalt/core/inspect';
import { keyLabel } from '../draw/edges.ts';
import { failureText } from '../terminal/failure.ts';
import type { Output } from '../terminal/output.ts';
import type { ApplicationArguments } from '../load/application-config.ts';
import { planOf } from '../load/plan.ts';

export type CheckFormat = 'text' | 'json' | 'sarif';

export interface CheckOptions extends ApplicationArguments {
  readonly format: CheckFormat;
  /** The version of this command, for SARIF. */
  readonly version: string;
  readonly stdout: Output;
}

/** Plans the application and prints its problems. @returns the exit code: 0 if it can start, otherwise 1 */
export async function check({ format, version, stdout, ...args }: CheckOptions): Promise<number> {
  const plan = await planOf(args);
  const description = describePlan(plan);
  if (format === 'json') stdout.write(`${JSON.stringify(description, undefined, 2)}\n`);
  else if (format === 'sarif') {
    const { reportSarif } = await import('./sarif.ts');
    stdout.write(reportSarif(description, version, process.cwd()));
  } else stdout.write(textReport(plan, description, stdout));
  return plan.problems.length > 0 ? 1 : 0;
}

function textReport(plan: Plan, { components, needs }: PlanDescription, { paint }: Output): string {
  if (plan.problems.length > 0) return `${failureText(new PlanError(plan.problems), paint)}\n`;
  const provided = components.flatMap(({ path, type, provides }) =>
    provides.map((provider) => ({ ...provider, component: path === '' ? type : path })),
  );
  const counts = [count(components, 'component'), count(provided, 'provider'), count(needs, 'need')];
  const notes = provided
    .filter(({ used }) => !used)
    .map(({ ids, name, component }) => {
      const keys = ids.map((id) => keyLabel({ id, name })).join(', ');
      return paint('dim', `  note  nothing in the graph needs ${keys} of ${component}`);
    });
  return `${[paint('green', `The application can start: ${counts.join(', ')}`), ...notes].join('\n')}\n`;
}

function count(items: readonly unknown[], noun: string): string {
  return `${items.length} ${noun}${items.length === 1 ? '' : 's'}`;
}
