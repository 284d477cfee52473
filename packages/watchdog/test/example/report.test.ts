import { expectNotBlocking } from '@asphalt/watchdog/testing';
import { expect, test } from 'vitest';
import { makeReport } from './report.ts';

test('makeReport does not block the event loop', async () => {
  const report = await expectNotBlocking(() => makeReport('2026-01'), 200);
  expect(report.total).toBe(42);
});
