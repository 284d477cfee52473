/**
 * Takes the samples of a workload. Every round takes one sample of each subject, in its own process, and starts with a
 * different subject, so that a disturbance of the machine affects all of them.
 */
import { fileURLToPath } from 'node:url';
import { takeSample } from './sampling.ts';
import type { Sample, Workload } from './workload.ts';

/** The samples of one subject by round; a round may be missing. */
export interface SubjectSamples {
  readonly samples: Array<Sample | undefined>;
  /** The reason of a failure. */
  failure?: string;
}

export type Samples = ReadonlyMap<string, SubjectSamples>;

/** Duration of a sample, in milliseconds, above which a subject is slow if all of its samples exceed it. */
const slowMs = 3_000;
/** Number of rounds for a slow subject. */
const slowRounds = 3;

const sampler = fileURLToPath(new URL('../sample.js', import.meta.url));

export async function takeSamples(workload: Workload, rounds: number): Promise<Samples> {
  const taken = new Map(workload.subjects.map(({ name }): [string, SubjectSamples] => [name, { samples: [] }]));
  const fastest = new Map<string, number>();
  for (const [name, subject] of taken) {
    await workload.prepare?.(name, 'full').catch((error: unknown) => {
      subject.failure = `cannot be prepared: ${String(error)}`;
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of rotated([...taken.keys()], round)) {
      const subject = taken.get(name)!;
      const isSlow = (fastest.get(name) ?? 0) > slowMs;
      if (subject.failure !== undefined || (isSlow && round >= slowRounds)) continue;
      const start = performance.now();
      const outcome = await takeSample(sampler, workload, name);
      fastest.set(name, Math.min(performance.now() - start, fastest.get(name) ?? Infinity));
      if (typeof outcome === 'string') subject.failure = outcome;
      else subject.samples[round] = outcome;
    }
  }
  return taken;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
