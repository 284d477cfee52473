import { problemOf } from '@asphalt/test-support';
import { requireBuild } from '@asphalt/test-support/build';
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { MqttComponent } from '../src/index.ts';

test('importing the package does not load the driver', () => {
  requireBuild('packages/mqtt');
  const program = `
    await import('@asphalt/mqtt');
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /node_modules.mqtt/.test(file));
    console.log(loaded.length);
  `;
  const cwd = new URL('..', import.meta.url);
  const args = ['--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })).toBe('0\n');
});

test.each([
  [{ will: { topic: 'state', qos: 3 } }, 'must be 0, 1 or 2'],
  [{ sharedGroup: 'a/b' }, 'must not contain `+`, `#` or `/`'],
])('the options %j are a problem of the plan', async (config, problem) => {
  expect(await problemOf(MqttComponent, config as never)).toContain(problem);
});
