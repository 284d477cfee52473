/** Calculates the reported numbers from samples: medians with quartiles, and ratios within the same round. */
import { quantile } from 'simple-statistics';
import type { Samples } from './rounds.ts';
import type { Sample, Workload } from './workload.ts';

export interface Spread {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

export interface Result {
  readonly subject: string;
  readonly value: Spread | undefined;
  /** Ratios of the subject's values to the yardstick's in the same rounds. */
  readonly ratio: Spread | undefined;
  /** Medians of the additional columns. */
  readonly beside: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly failure: string | undefined;
}

export function summarize({ subjects, yardstick }: Workload, taken: Samples): Result[] {
  const measure = yardstick === undefined ? undefined : taken.get(yardstick)?.samples;
  return subjects.map(({ name }) => {
    const { samples, failure } = taken.get(name)!;
    // A subject that failed once gets no time, because its good rounds may be the exception.
    const good = failure === undefined ? samples.filter((sample) => sample !== undefined) : [];
    const ratios = samples.flatMap((sample, round) => {
      const unit = measure?.[round];
      return sample && unit ? [sample.value / unit.value] : [];
    });
    return {
      subject: name,
      value: spreadOf(good.map(({ value }) => value)),
      ratio: failure === undefined ? spreadOf(ratios) : undefined,
      beside: mediansOf(good),
      rounds: good.length,
      failure,
    };
  });
}

/** Returns the median with the quartiles; undefined without values. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const [lower, median, upper] = quantile([...values], [0.25, 0.5, 0.75]) as [number, number, number];
  return { median, lower, upper };
}

function mediansOf(samples: readonly Sample[]): Record<string, number> {
  const names = Object.keys(samples[0]?.beside ?? {});
  return Object.fromEntries(
    names.map((name) => [
      name,
      quantile(
        samples.map(({ beside }) => beside![name]!),
        0.5,
      ),
    ]),
  );
}
