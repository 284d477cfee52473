import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';

import { requireBuild } from '../../packages/test-support/src/build.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The packages of integrations, each with the drivers that only its components load. */
const drivers = {
  amqp: ['rabbitmq-client'],
  cache: ['lru-cache', '@redis/client'],
  messaging: ['bullmq', 'ioredis', 'mysql2', 'pg', '@nats-io/', '@redis/client'],
  mqtt: ['mqtt', 'mqtt-packet'],
  nats: ['@nats-io/'],
  redis: ['@redis/client'],
  sql: ['mysql2', 'pg', '@photostructure/sqlite', 'node:sqlite'],
};

/** Entry points for test files load vitest, and drivers with which they compare. */
const isForTests = (path) => path.includes('testing');

const entries = Object.keys(drivers).flatMap((folder) => {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([path, target]) => target.source !== undefined && !isForTests(path))
    .map(([path, target]) => [join(name, path), pathToFileURL(join(root, 'packages', folder, target.default)).href]);
});

/** Refuses to resolve a driver, and names the module that imports it. */
const hook = `
  let names;
  export function initialize(data) { names = data; }
  export function resolve(name, context, next) {
    if (names.some((driver) => name === driver || name.startsWith(driver.replace(/[/]?$/, '/'))))
      throw new Error(name + ' is loaded by ' + context.parentURL);
    return next(name, context);
  }`;

const program = `
  import { register } from 'node:module';
  const [hook, names, entries] = process.argv.slice(1).map((text) => JSON.parse(text));
  register('data:text/javascript,' + encodeURIComponent(hook), { data: names });
  const results = {};
  for (const [entry, file] of entries) results[entry] = await import(file).then(() => 'no driver', String);
  console.log(JSON.stringify(results));`;

let results;

beforeAll(() => {
  requireBuild(...Object.keys(drivers).map((folder) => `packages/${folder}`));
  const args = [hook, Object.values(drivers).flat(), entries].map((value) => JSON.stringify(value));
  results = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program, ...args], {
      cwd: root,
      encoding: 'utf8',
    }),
  );
}, 60_000);

test.each(entries)('importing %s loads no driver', (entry) => {
  expect(results[entry]).toBe('no driver');
});
