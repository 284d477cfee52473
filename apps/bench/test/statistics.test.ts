import { describe, expect, it } from 'vitest';
import { reportJson, reportMarkdown } from '../src/harness/report.ts';
import type { SubjectSamples } from '../src/harness/rounds.ts';
import { summarize } from '../src/harness/statistics.ts';
import { summaryPage, summaryRows } from '../src/harness/summary-page.ts';
import type { Workload } from '../src/harness/workload.ts';
import { workloads } from '../src/workloads.ts';

const workload: Workload = {
  name: 'greet',
  measures: 'A user is greeted.',
  unit: 'ms',
  yardstick: 'hand',
  target: '≤ 2 × hand',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core' },
    { name: 'hand', note: 'by hand' },
    { name: 'broken', package: 'broken' },
  ],
  sample: async () => ({ value: 1 }),
};

/** Creates samples by round; undefined means a round without a sample. */
function samplesOf(values: ReadonlyArray<number | undefined>, failure?: string): SubjectSamples {
  const samples = values.map((value) =>
    value === undefined ? undefined : { value, beside: { 'import, ms': value / 2 } },
  );
  return failure === undefined ? { samples } : { samples, failure };
}

const taken = new Map([
  ['asphalt', samplesOf([3, 30, 6])],
  // The machine was ten times slower in the second round.
  ['hand', samplesOf([2, 20, 2])],
  ['broken', samplesOf([1], 'RangeError: Maximum call stack | size exceeded')],
]);

describe('summarize', () => {
  const [asphalt, hand, broken] = summarize(workload, taken);

  it('calculates ratios within the same round', () => {
    expect(asphalt!.ratio).toEqual({ median: 1.5, lower: 1.5, upper: 2.25 });
    expect(hand!.ratio).toEqual({ median: 1, lower: 1, upper: 1 });
  });

  it('returns medians of the value and of the additional columns', () => {
    expect(asphalt!.value!.median).toBe(6);
    expect(asphalt!.beside).toEqual({ 'import, ms': 3 });
  });

  it('omits rounds without a sample from the ratio', () => {
    const [slow] = summarize(workload, new Map([...taken, ['asphalt', samplesOf([undefined, 40])]]));
    expect(slow).toMatchObject({ rounds: 1, ratio: { median: 2 } });
  });

  it('returns no value for a subject that failed, even once', () => {
    expect(broken).toMatchObject({ value: undefined, ratio: undefined, rounds: 0 });
    expect(broken!.failure).toContain('RangeError');
  });
});

describe('the report', () => {
  const measured = { workload, results: summarize(workload, taken) };

  it('is a table that starts with the fastest subject', () => {
    expect(reportMarkdown(measured)).toMatchInlineSnapshot(`
      "### greet

      A user is greeted. Target: ≤ 2 × hand.

      | subject | × hand | ms | import, ms | rounds | note |
      | --- | ---: | ---: | ---: | ---: | --- |
      | hand | 1.00 (1.00–1.00) | 2.00 (2.00–11.0) | 1.00 | 3 | by hand |
      | **asphalt** | 1.50 (1.50–2.25) | 6.00 (4.50–18.0) | 3.00 | 3 |  |
      | broken |  |  |  | 0 | fails: \`RangeError: Maximum call stack \\| size exceeded\` |
      "
    `);
  });

  it('is a list for tools, with null for failed subjects', () => {
    expect(JSON.parse(reportJson([measured]))).toEqual([
      { workload: 'greet', subject: 'asphalt', value: 6, unit: 'ms', ratio_to_hand: 1.5 },
      { workload: 'greet', subject: 'hand', value: 2, unit: 'ms', ratio_to_hand: 1 },
      { workload: 'greet', subject: 'broken', value: null, unit: 'ms', ratio_to_hand: null },
    ]);
  });
});

describe('the summary', () => {
  const subjects = ['hand', 'asphalt', 'effect', '@nestjs/core', '@loopback/core', 'avvio'].map((name) => ({ name }));
  const start = { ...workload, name: 'start-1000', subjects };
  const samples = new Map(subjects.map(({ name }, index) => [name, samplesOf([10 * (index + 1)])]));

  it('is a table with the medians and ratios of a selection, the fastest first', () => {
    const failing = new Map([...samples, ['effect', samplesOf([], 'Error: no network')]]);
    const page = summaryPage([{ workload: start, results: summarize(start, failing) }]);
    expect(page.split('\n').filter((line) => line.startsWith('| [declare'))).toEqual([
      '| [declare, check, start and stop 1,000 services](../../apps/bench/RESULTS.md#start-1000) | 20.0 ms | hand: 10.0 ms | 2.00 | @nestjs/core 4.00, @loopback/core 5.00, avvio 6.00, effect fails |',
    ]);
  });

  it.for(summaryRows)('contains only subjects of $workload', ({ workload: name, others }) => {
    const names = workloads.find((candidate) => candidate.name === name)!.subjects.map((subject) => subject.name);
    expect(names).toEqual(expect.arrayContaining([...others]));
  });
});
