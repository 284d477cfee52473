/** `asphalt check`: reports all problems that prevent an application from starting, without starting it. */
import { AsphaltError, PlanError } from '@asphalt/core';
import type { LoadedConfig } from '@asphalt/core/config';
import {
  describePlan,
  describeProblem,
  planApplication,
  type PlanDescription,
  type ProblemDescription,
} from '@asphalt/core/inspect';
import { keyLabel } from '../draw/edges.ts';
import { failureText } from '../terminal/failure.ts';
import type { Output } from '../terminal/output.ts';
import { loadApplicationConfig, readServices, type ApplicationArguments } from '../load/application-config.ts';

export type CheckFormat = 'text' | 'json' | 'sarif';

export interface CheckOptions extends ApplicationArguments {
  /** Whether to check every service, instead of the selected one. */
  readonly allServices: boolean;
  readonly format: CheckFormat;
  /** The version of this command, for SARIF. */
  readonly version: string;
  readonly stdout: Output;
}

/** The plan of one service. */
interface Checked {
  readonly service: string | undefined;
  readonly problems: readonly AsphaltError[];
  readonly description: PlanDescription;
}

/** Plans the application and prints its problems. @returns the exit code: 0 if it can start, otherwise 1 */
export async function check(options: CheckOptions): Promise<number> {
  return options.allServices ? await checkAll(options) : await checkOne(options);
}

async function checkOne({ format, version, stdout, ...args }: CheckOptions): Promise<number> {
  const config = await loadApplicationConfig(args);
  const checked = await checkedPlan(config);
  const { description } = checked;
  if (format === 'json') stdout.write(json(description));
  else if (format === 'sarif') stdout.write(await sarif(description.problems, version));
  else stdout.write(textReport(checked, stdout) + otherServices(config, stdout));
  return exitCode([checked]);
}

/** A service without a plan, for example because its root component cannot be found, does not affect the others. */
async function checkAll({ format, version, stdout, ...args }: CheckOptions): Promise<number> {
  const all: Checked[] = [];
  for (const { service, load } of await readServices(args)) {
    try {
      all.push(await checkedPlan(await load()));
    } catch (error) {
      if (!AsphaltError.is(error)) throw error;
      all.push(withoutPlan(service, error));
    }
  }
  if (format === 'json') {
    const services = all.map(({ service = 'default', description }) => [service, description] as const);
    stdout.write(json({ services: Object.fromEntries(services) }));
  } else if (format === 'sarif') {
    stdout.write(await sarif(distinct(all.flatMap(({ description }) => description.problems)), version));
  } else {
    const reports = all.map((checked) => {
      const { service } = checked;
      const heading = service === undefined ? '' : `${stdout.paint('bold', `Service ${service}`)}\n`;
      return heading + textReport(checked, stdout);
    });
    stdout.write(reports.join('\n'));
  }
  return exitCode(all);
}

async function checkedPlan(config: LoadedConfig): Promise<Checked> {
  const plan = await planApplication(undefined, { config });
  return { service: config.service, problems: plan.problems, description: describePlan(plan) };
}

function withoutPlan(service: string | undefined, error: AsphaltError): Checked {
  const problems = error instanceof PlanError ? error.errors : [error];
  return {
    service,
    problems,
    description: { components: [], disabled: [], needs: [], problems: problems.map(describeProblem) },
  };
}

/** Omits problems that several services share, such as those at the top level. */
function distinct(problems: readonly ProblemDescription[]): ProblemDescription[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function json(description: object): string {
  return `${JSON.stringify(description, undefined, 2)}\n`;
}

async function sarif(problems: readonly ProblemDescription[], version: string): Promise<string> {
  const { reportSarif } = await import('./sarif.ts');
  return reportSarif(problems, version, process.cwd());
}

function exitCode(all: readonly Checked[]): number {
  return all.every(({ problems }) => problems.length === 0) ? 0 : 1;
}

function otherServices({ service, services }: LoadedConfig, { paint }: Output): string {
  const others = services.filter((name) => name !== service);
  if (others.length === 0) return '';
  return `${paint('dim', `  note  not checked: ${others.join(', ')} (check all with --all-services)`)}\n`;
}

function textReport({ problems, description: { components, needs } }: Checked, { paint }: Output): string {
  if (problems.length > 0) return `${failureText(new PlanError(problems), paint)}\n`;
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
