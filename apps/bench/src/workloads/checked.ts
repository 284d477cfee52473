/** Measures a method with `@checked()`, in production and in development. */
import { meanTime } from '../harness/hot.ts';
import type { Workload } from '../harness/workload.ts';

export const checked: Workload = {
  name: 'checked',
  measures: 'A method adds two numbers.',
  unit: 'ns',
  yardstick: 'hand',
  target: 'asphalt 1.0 × hand',
  subjects: [
    { name: 'hand' },
    { name: 'asphalt', package: '@asphalt/core', note: '`ASPHALT_CHECKS=off`' },
    { name: 'asphalt (development)', package: '@asphalt/core', note: 'arguments and result are checked' },
  ],
  async sample(subject, effort) {
    process.env['ASPHALT_CHECKS'] = subject === 'asphalt' ? 'off' : 'on';
    const { Checked, Plain } = await import('../checked/account.ts');
    const account = subject === 'hand' ? new Plain() : new Checked();
    let sum = 0;
    let calls = 0;
    const value = await meanTime(() => {
      sum = account.add(sum, 1);
      calls++;
    }, effort);
    if (sum !== calls) throw new Error(`${calls} calls resulted in ${sum}`);
    return { value };
  },
};
