import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckout } from '../src/harness/checkout.ts';
import { readOptions } from '../src/options.ts';
import { workloads } from '../src/workloads.ts';

function read(...args: readonly string[]): ReturnType<typeof readOptions> {
  return readOptions(args, workloads);
}

function namesOf(...args: readonly string[]): string[] {
  return read(...args).workloads.map(({ name }) => name);
}

describe('the options', () => {
  it('select all workloads by default, or some by name or the start of their names', () => {
    expect(read().workloads).toEqual(workloads);
    expect(namesOf('lookup', 'start-deep')).toEqual(['start-deep-100', 'start-deep-500', 'start-deep-5000', 'lookup']);
  });

  it('reject unknown workloads and options', () => {
    expect(() => read('lookup', 'look')).toThrow('Unknown workload: look; known: start-300, ');
    expect(() => read('--reps', '3')).toThrow("Unknown option '--reps'");
  });

  it('set at least nine rounds', () => {
    expect(read().rounds).toBe(9);
    expect(read('--rounds', '20').rounds).toBe(20);
    for (const rounds of ['8', '9.5', 'many']) {
      expect(() => read('--rounds', rounds)).toThrow(`--rounds must be a whole number of at least 9, got "${rounds}"`);
    }
  });
});

describe('the options of a comparison', () => {
  it('select seven workloads by default', () => {
    const names = [
      'start-1000',
      'start-latency-c',
      'request-context',
      'lookup',
      'signal-10',
      'config-1000',
      'cli-hello',
    ];
    expect(namesOf('--against', '../old')).toEqual(names);
    expect(namesOf('signal-10', '--against', '../old')).toEqual(['signal-10']);
  });

  it('set the folder of the other checkout, and 25 rounds by default', () => {
    expect(read('--against', '../old')).toMatchObject({ against: resolve('../old'), rounds: 25 });
    expect(read('--against', '../old', '--rounds', '3').rounds).toBe(3);
    expect(() => read('--against', '../old', '--rounds', '2')).toThrow('at least 3, got "2"');
  });

  it('reject a page of results', () => {
    expect(() => read('--against', '../old', '--page', 'page.md')).toThrow('--page has no effect with --against');
  });

  it('reject a folder that is no checkout', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'no-checkout-'));
    await expect(openCheckout(folder)).rejects.toThrow(`${folder} is not a checkout of this repository`);
  });
});
