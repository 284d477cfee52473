import { expect, test } from 'vitest';
import { makeReport } from './report.ts';
import { expectNotBlocking } from '@asphalt/testing';

test('a report is made without blocking', async () => {
  const report = await expectNotBlocking(() => makeReport(orders), 200);
  expect(report.total).toBe(42);
});

const orders = Array.from({ length: 42 }, () => 1);
