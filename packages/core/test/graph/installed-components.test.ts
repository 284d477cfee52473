import { join } from 'node:path';
import { installedComponents } from '@asphalt/core/inspect';
import { tempFolder } from '@asphalt/test-support';
import { expect, test } from 'vitest';

const offering = (name: string, components: unknown): string =>
  JSON.stringify({ name, version: '1.2.3', description: `About ${name}`, asphalt: { components } });

test('the types of direct dependencies are listed in alphabetical order', async () => {
  const folder = tempFolder({
    'package.json': JSON.stringify({ dependencies: { '@acme/sql': '*' }, devDependencies: { parts: '*', plain: '*' } }),
    'node_modules/@acme/sql/package.json': offering('@acme/sql', { sql: '.#SqlComponent' }),
    'node_modules/parts/package.json': offering('parts', { part: './one#Part', mailer: '.#MailerComponent' }),
    'node_modules/plain/package.json': '{ "name": "plain" }',
  });
  const found = await installedComponents(folder);
  expect(found.map(({ type, reference }) => `${type}: ${reference}`)).toEqual([
    'mailer: parts#MailerComponent',
    'part: parts/one#Part',
    'sql: @acme/sql#SqlComponent',
  ]);
  expect(found[2]).toEqual({
    type: 'sql',
    reference: '@acme/sql#SqlComponent',
    packageName: '@acme/sql',
    version: '1.2.3',
    description: 'About @acme/sql',
    folder,
  });
});

test('packages are found from nested folders, and the nearest package with a name wins', async () => {
  const folder = tempFolder({
    'package.json': '{ "dependencies": { "parts": "*", "tools": "*" } }',
    'node_modules/parts/package.json': offering('parts', { part: '.#Outer' }),
    'node_modules/tools/package.json': offering('tools', { tool: '.#Tool' }),
    'app/package.json': '{ "peerDependencies": { "parts": "*" } }',
    'app/node_modules/parts/package.json': offering('parts', { part: '.#Inner' }),
    'app/conf/deep/asphalt.yaml': '',
  });
  const found = await installedComponents(join(folder, 'app/conf/deep'));
  expect(found.map(({ reference }) => reference)).toEqual(['parts#Inner', 'tools#Tool']);
  expect(found.map((component) => component.folder)).toEqual([join(folder, 'app'), folder]);
});

test('transitive dependencies and dependencies that are not installed are skipped', async () => {
  const folder = tempFolder({
    'package.json': '{ "dependencies": { "gone": "*" } }',
    'node_modules/hidden/package.json': offering('hidden', { hidden: '.#Hidden' }),
  });
  expect(await installedComponents(folder)).toEqual([]);
});

test('malformed entries are skipped', async () => {
  const components = { one: 1, two: 'Two', three: './dist/three.js', four: '../out#Four', five: '.#Five' };
  const names = ['list', 'text', 'none', 'broken', 'odd'];
  const folder = tempFolder({
    'package.json': JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '*'])) }),
    'node_modules/list/package.json': '[]',
    'node_modules/text/package.json': '{ "asphalt": "sql" }',
    'node_modules/none/package.json': '{ "asphalt": { "components": null } }',
    'node_modules/broken/package.json': '{ ',
    'node_modules/odd/package.json': offering('odd', components),
  });
  expect((await installedComponents(folder)).map(({ type }) => type)).toEqual(['five']);
});
