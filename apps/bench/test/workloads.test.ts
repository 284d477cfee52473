import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../src/harness/workload.ts';
import { workloads } from '../src/workloads.ts';

// Benchmarks measure built packages, so that is what is tried here as well.
const sampler = fileURLToPath(new URL('../dist/sample.js', import.meta.url));

describe('every subject does what it is measured for', () => {
  it.for(workloads.map((workload): [string, typeof workload] => [workload.name, workload]))(
    'in %s',
    { timeout: 60_000 },
    async ([name, { subjects, nodeOptions = [] }]) => {
      const names = subjects.map((subject) => subject.name);
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...nodeOptions,
        sampler,
        '--smoke',
        name,
        ...names,
      ]);
      const samples = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Sample);
      expect(samples).toHaveLength(subjects.length);
      expect(samples.every(({ value }) => Number.isFinite(value))).toBe(true);
    },
  );
});
