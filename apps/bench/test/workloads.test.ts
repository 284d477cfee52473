import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unavailable } from '@asphalt/testing/servers';
import { describe, expect, it } from 'vitest';
import type { Sample, Workload } from '../src/harness/workload.ts';
import { workloads } from '../src/workloads.ts';

// Benchmarks measure built packages, so this test uses them too.
const sampler = fileURLToPath(new URL('../dist/sample.js', import.meta.url));

/** Workloads that differ only in size are identical with `--smoke`, so only the last of them is tested. */
const families = new Map(workloads.map((workload): [string, Workload] => [familyOf(workload), workload]));

function familyOf({ name }: Workload): string {
  return name.replace(/-(\d+|[abc])$/, '');
}

/** The servers that workloads need. */
const servers = { 'sql-transaction': 'postgres', queue: 'redis', 'queue-nats': 'nats' } as const;

function missing(name: string): string | false {
  const server = Object.entries(servers).find(([workload]) => workload === name)?.[1];
  return server !== undefined && unavailable(server);
}

describe('every subject works', () => {
  it.for([...families])('in %s', { timeout: 60_000 }, async ([, { name, subjects, nodeOptions = [] }], { skip }) => {
    const reason = missing(name);
    skip(reason !== false, reason || undefined);
    const names = subjects.map((subject) => subject.name);
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...nodeOptions,
      sampler,
      '--smoke',
      name,
      ...names,
    ]);
    const lines = stdout.trim().split('\n');
    const samples = lines.map((line) => JSON.parse(line) as Sample);
    expect(samples).toHaveLength(subjects.length);
    // Each sample verifies its own result. Times are not asserted.
    expect(samples.every(({ value }) => Number.isFinite(value))).toBe(true);
  });
});

describe('a workload', () => {
  it.for(workloads)('$name contains its yardstick and asphalt, each subject once', ({ yardstick, subjects }) => {
    const names = subjects.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('asphalt');
    expect(names).toEqual(expect.arrayContaining(yardstick === undefined ? [] : [yardstick]));
  });

  it('has a unique name', () => {
    expect(new Set(workloads.map(({ name }) => name)).size).toBe(workloads.length);
  });
});
