import { expect, it } from 'vitest';
// Samples are taken by the built program, which stands beside this module.
import { takeSamples } from '../dist/harness/rounds.js';
import { workloads } from '../src/workloads.ts';

it('takes a sample of each subject in each round, and tells why one has none', { timeout: 60_000 }, async () => {
  const signal = workloads.find(({ name }) => name === 'signal-0')!;
  const subjects = [{ name: 'asphalt' }, { name: 'nobody' }];
  const taken = await takeSamples({ ...signal, subjects }, 2);
  expect(taken.get('asphalt')!.samples).toEqual([{ value: expect.any(Number) }, { value: expect.any(Number) }]);
  expect(taken.get('nobody')).toEqual({ samples: [], failure: 'Error: There is no subject "nobody" here' });
});

it('tells why a subject cannot be prepared', async () => {
  const [start] = workloads;
  const subjects = [{ name: 'nobody' }];
  const prepare = async (): Promise<void> => {
    throw new Error('there is no network');
  };
  const taken = await takeSamples({ ...start!, subjects, prepare }, 1);
  expect(taken.get('nobody')!.failure).toBe('cannot be prepared: Error: there is no network');
});
