/** Measures a method with `@checked()`, in production and in development. */
import { meanTime } from '../harness/hot.ts';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

interface Account {
  add(balance: number, amount: number): number;
}

/** Creates an account with or without a check. Call it after `ASPHALT_CHECKS` is set. */
const implementations: Implementations<() => Promise<Account>> = {
  hand: async () => new Plain(),
  asphalt: createChecked,
  'asphalt (development)': createChecked,
};

class Plain implements Account {
  add(balance: number, amount: number): number {
    return balance + amount;
  }
}

async function createChecked(): Promise<Account> {
  const { checked: check } = await import('@asphalt/core/checked');

  class Checked implements Account {
    @check({ args: [Number, Number], returns: Number })
    add(balance: number, amount: number): number {
      return balance + amount;
    }
  }

  return new Checked();
}

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
    const account = await implementationOf(implementations, subject)();
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
