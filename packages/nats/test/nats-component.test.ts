import { problemOf } from '@asphalt/test-support';
import { requireBuild } from '@asphalt/test-support/build';
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { NatsComponent } from '../src/index.ts';

test('importing the package does not load the driver', () => {
  requireBuild('packages/nats');
  const program = `
    await import('@asphalt/nats');
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('@nats-io'));
    console.log(loaded.length);
  `;
  const cwd = new URL('..', import.meta.url);
  const args = ['--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })).toBe('0\n');
});

test.each([
  { url: 'nats://ada@db', token: 'a1b2' },
  { username: 'ada', nkey: 'SUA' },
  { token: 'a1b2', creds: 'ada.creds' },
])('two logins %j are a problem of the plan', async (config) => {
  const problem = await problemOf(NatsComponent, config as never);
  expect(problem).toContain('must not be set together with `token`, `creds` or `nkey`');
});
