import { expect, test } from 'vitest';
import { runRolling } from './run-rolling.ts';

test('a rolling restart behind a balancer fails no request', { timeout: 240_000 }, async () => {
  const { failures, sent, reused } = await runRolling({ restarts: 1, requests: 1000, perSecond: 200 });
  expect(failures).toEqual({});
  expect(sent).toBeGreaterThanOrEqual(1000);
  // Half of the requests use kept connections, unless these have been announced to end.
  expect(reused / sent).toBeGreaterThan(0.1);
});

test('without a drain delay, requests fail', { timeout: 240_000 }, async () => {
  const { failed } = await runRolling({ restarts: 1, requests: 500, perSecond: 200, drainDelay: '0' });
  expect(failed).toBeGreaterThan(0);
});
