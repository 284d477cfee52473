import { problemOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { NatsComponent } from '../src/index.ts';

test.each([
  { url: 'nats://ada@db', token: 'a1b2' },
  { username: 'ada', nkey: 'SUA' },
  { token: 'a1b2', creds: 'ada.creds' },
])('two logins %j are a problem of the plan', async (config) => {
  const problem = await problemOf(NatsComponent, config as never);
  expect(problem).toContain('must not be set together with `token`, `creds` or `nkey`');
});
