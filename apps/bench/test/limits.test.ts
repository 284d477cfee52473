import { expect, it } from 'vitest';
import { exceededLimits } from '../src/harness/limits.ts';
import type { SubjectSamples } from '../src/harness/rounds.ts';
import { summarize } from '../src/harness/statistics.ts';
import type { Limit, Workload } from '../src/harness/workload.ts';
import { workloads } from '../src/workloads.ts';

const samplesOf = (...values: number[]): SubjectSamples => ({ samples: values.map((value) => ({ value })) });
const taken = new Map([
  ['asphalt', samplesOf(15, 30, 45)],
  ['hand', samplesOf(10, 20, 30)],
  ['broken', { samples: [], failure: 'RangeError' }],
]);

function exceeded(...limits: Limit[]): string[] {
  const workload: Workload = {
    name: 'greet',
    measures: 'A user is greeted.',
    unit: 'ms',
    yardstick: 'hand',
    target: '≤ 2 × hand',
    limits,
    subjects: [...taken.keys()].map((name) => ({ name })),
    sample: async () => ({ value: 1 }),
  };
  return exceededLimits(workload, summarize(workload, taken));
}

it('a result below its limits exceeds none', () => {
  expect(exceeded({ subject: 'asphalt', ratio: 1.5, difference: 10 })).toEqual([]);
  expect(exceeded()).toEqual([]);
});

it('each exceeded limit is described with the result', () => {
  expect(exceeded({ subject: 'asphalt', ratio: 1.4 }, { subject: 'asphalt', difference: 8 })).toEqual([
    'greet: asphalt takes 1.50 × hand; the limit is 1.4 ×',
    'greet: asphalt takes 10.0 ms more than hand; the limit is 8 ms',
  ]);
});

it('a subject without a result exceeds its limit', () => {
  expect(exceeded({ subject: 'broken', ratio: 2 })).toEqual(['greet: broken has no result']);
});

it('each limit names a subject of its workload and the workload a yardstick', () => {
  for (const { limits = [], subjects, yardstick } of workloads) {
    const names = subjects.map(({ name }) => name);
    for (const { subject } of limits) expect(names).toEqual(expect.arrayContaining([subject, yardstick]));
  }
});
