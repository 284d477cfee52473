/** Compares the results of a workload with its limits. */
import { numberText } from './report.ts';
import type { Result } from './statistics.ts';
import type { Workload } from './workload.ts';

/** Describes each exceeded limit. A subject without a result exceeds all of its limits. */
export function exceededLimits(
  { name, unit, yardstick = '', limits = [] }: Workload,
  results: readonly Result[],
): string[] {
  const resultOf = (subject: string): Result | undefined => results.find((result) => result.subject === subject);
  const base = resultOf(yardstick)?.value?.median;
  return limits.flatMap(({ subject, ratio, difference }) => {
    const result = resultOf(subject);
    if (result?.ratio === undefined || result.value === undefined || base === undefined)
      return [`${name}: ${subject} has no result`];
    const over = result.value.median - base;
    return [
      ...(ratio !== undefined && result.ratio.median > ratio
        ? [`${name}: ${subject} takes ${numberText(result.ratio.median)} × ${yardstick}; the limit is ${ratio} ×`]
        : []),
      ...(difference !== undefined && over > difference
        ? [
            `${name}: ${subject} takes ${numberText(over)} ${unit} more than ${yardstick}; the limit is ${difference} ${unit}`,
          ]
        : []),
    ];
  });
}
