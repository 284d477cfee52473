import { expectNotBlocking } from '@asphalt/testing';
import { expect, test } from 'vitest';
import { makeReport } from './report.ts';

test('a report is made without blocking', async () => {
  const report = await expectNotBlocking(() => makeReport('2026-01'), 200);
  expect(report.total).toBe(42);
});
