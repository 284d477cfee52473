import { expect, it } from 'vitest';
// The built module starts the built program next to it, which takes the samples.
import { takeSamples } from '../dist/harness/rounds.js';
import { workloads } from '../src/workloads.ts';

it('each round has a sample or a failure for each subject', { timeout: 60_000 }, async () => {
  const signal = workloads.find(({ name }) => name === 'signal-0')!;
  const subjects = [{ name: 'asphalt' }, { name: 'unknown' }];
  const taken = await takeSamples({ ...signal, subjects }, 2);
  expect(taken.get('asphalt')!.samples).toEqual([{ value: expect.any(Number) }, { value: expect.any(Number) }]);
  expect(taken.get('unknown')).toEqual({ samples: [], failure: 'Error: Unknown subject "unknown"' });
});

it('a subject that cannot be prepared has the reason as its failure', async () => {
  const [start] = workloads;
  const subjects = [{ name: 'unknown' }];
  const prepare = async (): Promise<void> => {
    throw new Error('no network');
  };
  const taken = await takeSamples({ ...start!, subjects, prepare }, 1);
  expect(taken.get('unknown')!.failure).toBe('cannot be prepared: Error: no network');
});
