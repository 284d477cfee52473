import { problemOf } from '@asphalt/test-support';
import { requireBuild } from '@asphalt/test-support/build';
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { AmqpComponent } from '../src/index.ts';

test('importing the package does not load the driver', () => {
  requireBuild('packages/amqp');
  const program = `
    await import('@asphalt/amqp');
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('rabbitmq-client'));
    console.log(loaded.length);
  `;
  const cwd = new URL('..', import.meta.url);
  const args = ['--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })).toBe('0\n');
});

test('a virtual host in the URL and as an option is a problem of the plan', async () => {
  const problem = await problemOf(AmqpComponent, { url: 'amqp://broker/orders', vhost: 'mails' } as never);
  expect(problem).toContain('must not be set together with a `url` that contains it');
});
