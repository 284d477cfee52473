/** Reads the arguments of `npm run bench`. */
import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Workload } from './harness/workload.ts';

export interface Options {
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  /** The file that the figures are written to. */
  readonly json?: string | undefined;
  /** The file that the tables are written to. */
  readonly page?: string | undefined;
  /** The folder of the checkout to compare with; measures all subjects without it. */
  readonly against?: string | undefined;
}

/** The workloads that a comparison runs by default: one for each part of Asphalt that applications wait for. */
const defaultComparison = [
  'start-1000',
  'start-latency-c',
  'request-context',
  'lookup',
  'signal-10',
  'config-1000',
  'cli-hello',
];

/** Least rounds, and rounds by default. */
const measuredRounds = { least: 9, default: 9 };
const comparedRounds = { least: 3, default: 25 };

const known = {
  against: { type: 'string' },
  json: { type: 'string' },
  page: { type: 'string' },
  rounds: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** @throws an `Error` whose message names the wrong argument */
export function readOptions(args: readonly string[], workloads: readonly Workload[]): Options {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: known });
  const { json, page, against } = values;
  if (against !== undefined && page !== undefined) {
    throw new Error('--page has no effect with --against, which prints its table');
  }
  const limits = against === undefined ? measuredRounds : comparedRounds;
  const rounds = values.rounds === undefined ? limits.default : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < limits.least) {
    throw new Error(`--rounds must be a whole number of at least ${limits.least}, got "${values.rounds}"`);
  }
  const wanted = positionals.length === 0 && against !== undefined ? defaultComparison : positionals;
  return {
    workloads: select(workloads, wanted),
    rounds,
    json,
    page,
    against: against === undefined ? undefined : resolve(against),
  };
}

/** Selects workloads by name, or by the start of their names; all without a name. */
function select(workloads: readonly Workload[], wanted: readonly string[]): readonly Workload[] {
  const isNamed = (name: string, word: string): boolean => name === word || name.startsWith(`${word}-`);
  const unknown = wanted.filter((word) => !workloads.some(({ name }) => isNamed(name, word)));
  if (unknown.length > 0) {
    throw new Error(`Unknown workload: ${unknown.join(', ')}; known: ${workloads.map(({ name }) => name).join(', ')}`);
  }
  return workloads.filter(({ name }) => wanted.length === 0 || wanted.some((word) => isNamed(name, word)));
}
