import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkoutOf } from '../src/harness/checkout.ts';
import { compare, comparisonJson, comparisonRow, passes, type Checkout } from '../src/harness/comparison.ts';
import type { Sample, Workload } from '../src/harness/workload.ts';
import { workloads } from '../src/workloads.ts';

const greet: Workload = {
  name: 'greet',
  measures: 'A user is greeted.',
  unit: 'ms',
  target: 'stated',
  subjects: [{ name: 'asphalt' }],
  sample: async () => ({ value: 1 }),
};

/** Creates a checkout whose samples have these values, and which logs its folder with each sample. */
function checkout(folder: string, values: ReadonlyArray<number | string>, log: string[] = []): Checkout {
  const left = [...values];
  const take = async (): Promise<Sample | string> => {
    log.push(folder);
    const value = left.shift()!;
    return typeof value === 'string' ? value : { value };
  };
  return { folder, workloads: [greet], take };
}

describe('a comparison', () => {
  it('divides the values of the same round', async () => {
    // The machine was ten times slower in the second round.
    const comparison = await compare(checkout('old', [2, 20, 4]), checkout('new', [3, 30, 3]), greet, 3);
    expect(comparison).toMatchObject({
      state: 'compared',
      before: { median: 4 },
      after: { median: 3 },
      ratio: { median: 1.5, lower: 1.125, upper: 1.5 },
      rounds: 3,
    });
  });

  it('alternates the checkouts, and which of them goes first', async () => {
    const log: string[] = [];
    await compare(checkout('old', [1, 1, 1], log), checkout('new', [1, 1, 1], log), greet, 3);
    expect(log).toEqual(['old', 'new', 'new', 'old', 'old', 'new']);
  });

  it('prepares the workload of each checkout once', async () => {
    const prepared: string[] = [];
    const preparing = (folder: string): Checkout => ({
      ...checkout(folder, [1, 1]),
      workloads: [{ ...greet, prepare: async (subject) => void prepared.push(`${subject} in ${folder}`) }],
    });
    await compare(preparing('old'), preparing('new'), greet, 2);
    expect(prepared).toEqual(['asphalt in old', 'asphalt in new']);
  });

  it('fails if the lower quartile of the ratios is above 1.05', async () => {
    const before = [10, 10, 10, 10, 10];
    const similar = await compare(checkout('old', before), checkout('new', [10, 10.5, 11, 11, 11]), greet, 5);
    expect(similar).toMatchObject({ ratio: { lower: 1.05, median: 1.1 } });
    expect(passes([similar])).toBe(true);
    const slower = await compare(checkout('old', before), checkout('new', [10, 10.6, 11, 11, 11]), greet, 5);
    expect(slower).toMatchObject({ ratio: { lower: 1.06, median: 1.1 } });
    expect(passes([slower])).toBe(false);
    expect(passes([similar, slower])).toBe(false);
    expect(comparisonRow(slower)).toBe(
      '| greet | ms | 10.0 (10.0–10.0) | 11.0 (10.6–11.0) | 1.10 (1.06–1.10) | 5 | slower: the lower quartile is above 1.05 |',
    );
  });

  it('reports a workload that the other checkout does not have', async () => {
    const missing = await compare({ ...checkout('old', []), workloads: [] }, checkout('new', [1]), greet, 1);
    expect(comparisonRow(missing)).toBe('| greet | ms |  |  |  |  | missing: old has no such workload |');
    expect(passes([missing])).toBe(false);
    const compared = await compare(checkout('old', [1]), checkout('new', [1]), greet, 1);
    expect(passes([missing, compared])).toBe(true);
  });

  it('fails with the reason and the checkout if a sample fails', async () => {
    const failed = await compare(checkout('old', [1, 'Error: wrong sum']), checkout('new', [1]), greet, 2);
    expect(comparisonRow(failed)).toContain('failed: in old: Error: wrong sum');
    expect(passes([failed, await compare(checkout('old', [1]), checkout('new', [1]), greet, 1)])).toBe(false);
  });

  it('is a list for tools, with null for workloads that were not compared', async () => {
    const compared = await compare(checkout('old', [2, 2, 2]), checkout('new', [1, 2, 3]), greet, 3);
    const missing = await compare({ ...checkout('old', []), workloads: [] }, checkout('new', []), greet, 1);
    const numbers = { before: 2, after: 2, ratio: 1, ratio_lower_quartile: 0.75, ratio_upper_quartile: 1.25 };
    const none = { before: null, after: null, ratio: null, ratio_lower_quartile: null, ratio_upper_quartile: null };
    expect(JSON.parse(comparisonJson([compared, missing]))).toEqual([
      { workload: 'greet', unit: 'ms', ...numbers, rounds: 3 },
      { workload: 'greet', unit: 'ms', ...none, rounds: 0 },
    ]);
  });
});

describe('a checkout', () => {
  const signal = workloads.find(({ name }) => name === 'signal-0')!;
  const root = fileURLToPath(new URL('../../..', import.meta.url));

  it('takes samples of Asphalt with its built program', { timeout: 60_000 }, async () => {
    expect(await checkoutOf(root, workloads).take(signal)).toEqual({ value: expect.any(Number) });
  });

  it('returns the reason if its program has no such workload', { timeout: 60_000 }, async () => {
    const reason = await checkoutOf(root, workloads).take({ ...signal, name: 'signal-7' });
    expect(reason).toBe('Error: Unknown workload "signal-7"');
  });
});
