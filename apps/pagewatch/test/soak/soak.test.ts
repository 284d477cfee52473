import { expect, test } from 'vitest';
import { runSoak } from './run-soak.ts';

test('no version is lost, and no client misses a change, while pages change', { timeout: 120_000 }, async () => {
  const report = await runSoak({ seconds: 4, clients: 10, rate: 20 });
  expect(report).toMatchObject({ lost: [], gaps: 0, exitCode: 0 });
  expect(report.recorded).toBeGreaterThan(0);
});
