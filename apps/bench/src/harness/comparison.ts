/**
 * Compares Asphalt in two checkouts. Samples of its subject alternate between them, and each round has one ratio. Each
 * checkout runs its own workloads with its own built packages, because their sources and entry points may differ.
 */
import { rowText, spreadText } from './report.ts';
import { spreadOf, type Spread } from './statistics.ts';
import type { Sample, Unit, Workload } from './workload.ts';

/** The subject that is compared; every workload has it. */
export const comparedSubject = 'asphalt';

/** Asphalt is slower if more than three of four rounds exceed this ratio. */
const largestRatio = 1.05;

/** A checkout with built benchmarks. */
export interface Checkout {
  readonly folder: string;
  readonly workloads: readonly Workload[];
  /** Takes a sample of a workload of this checkout. @returns the sample, or the reason of its failure */
  readonly take: (workload: Workload) => Promise<Sample | string>;
}

/** The result of one workload. */
export type Comparison = { readonly workload: string; readonly unit: Unit } & (
  | {
      readonly state: 'compared';
      readonly before: Spread;
      readonly after: Spread;
      /** After ÷ before in the same round. */
      readonly ratio: Spread;
      readonly rounds: number;
    }
  | { readonly state: 'missing' | 'failed'; readonly reason: string }
);

/** Runs the rounds of one workload. The checkout that goes first changes with each round. */
export async function compare(
  before: Checkout,
  after: Checkout,
  { name, unit }: Workload,
  rounds: number,
): Promise<Comparison> {
  const result = { workload: name, unit };
  const sides = [sideOf(before, name), sideOf(after, name)] as const;
  for (const { folder, workload } of sides) {
    if (workload === undefined) return { ...result, state: 'missing', reason: `${folder} has no such workload` };
  }
  try {
    for (const { workload } of sides) await workload!.prepare?.(comparedSubject, 'full');
    for (let round = 0; round < rounds; round++) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) side.values.push(await sampleOf(side));
    }
  } catch (error) {
    return { ...result, state: 'failed', reason: (error as Error).message };
  }
  const [old, current] = sides.map(({ values }) => values) as [number[], number[]];
  const ratios = current.map((value, round) => value / old[round]!);
  const [oldSpread, spread, ratio] = [old, current, ratios].map(spreadOf) as [Spread, Spread, Spread];
  return { ...result, state: 'compared', before: oldSpread, after: spread, ratio, rounds };
}

interface Side extends Checkout {
  readonly workload: Workload | undefined;
  readonly values: number[];
}

function sideOf(checkout: Checkout, name: string): Side {
  return { ...checkout, workload: checkout.workloads.find((workload) => workload.name === name), values: [] };
}

async function sampleOf({ folder, workload, take }: Side): Promise<number> {
  const sample = await take(workload!);
  if (typeof sample === 'string') throw new Error(`in ${folder}: ${sample}`);
  return sample.value;
}

export function isSlower(comparison: Comparison): boolean {
  return comparison.state === 'compared' && comparison.ratio.lower > largestRatio;
}

/** Returns whether something was compared, nothing failed, and Asphalt is slower in no workload. */
export function passes(comparisons: readonly Comparison[]): boolean {
  const isCompared = comparisons.some(({ state }) => state === 'compared');
  return isCompared && comparisons.every((comparison) => comparison.state !== 'failed' && !isSlower(comparison));
}

/** The first two lines of the table. */
export const comparisonHead = [
  rowText(['workload', 'unit', 'before', 'after', 'after ÷ before', 'rounds', 'note']),
  rowText(['---', '---', '---:', '---:', '---:', '---:', '---']),
].join('\n');

export function comparisonRow(comparison: Comparison): string {
  const { workload, unit, state } = comparison;
  if (state !== 'compared') return rowText([workload, unit, '', '', '', '', `${state}: ${comparison.reason}`]);
  const { before, after, ratio, rounds } = comparison;
  const spreads = [spreadText(before, unit), spreadText(after, unit), spreadText(ratio)];
  const note = isSlower(comparison) ? `slower: the lower quartile is above ${largestRatio}` : '';
  return rowText([workload, unit, ...spreads, String(rounds), note]);
}

/** Returns one entry for each workload; its numbers are null if nothing was compared. */
export function comparisonJson(comparisons: readonly Comparison[]): string {
  const entries = comparisons.map((comparison) => {
    const { workload, unit, state } = comparison;
    const numbers =
      state === 'compared' ? comparison : { before: undefined, after: undefined, ratio: undefined, rounds: 0 };
    return {
      workload,
      unit,
      before: numbers.before?.median ?? null,
      after: numbers.after?.median ?? null,
      ratio: numbers.ratio?.median ?? null,
      ratio_lower_quartile: numbers.ratio?.lower ?? null,
      ratio_upper_quartile: numbers.ratio?.upper ?? null,
      rounds: numbers.rounds,
    };
  });
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
