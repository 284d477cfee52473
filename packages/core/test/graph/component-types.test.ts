import { join } from 'node:path';
import { problemsOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { component, Component } from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { planApplication } from '@asphalt/core/inspect';

const manifest = (name: string, components: object): string =>
  JSON.stringify({
    name,
    type: 'module',
    exports: { '.': './index.js', './more': './more.js' },
    asphalt: { components },
  });

/** An application with three packages. Two of them offer the type `cache`. */
const installed = {
  'package.json': '{ "dependencies": { "@acme/sql": "*", "parts": "*", "other": "*" } }',
  'node_modules/@acme/sql/package.json': manifest('@acme/sql', { sql: '.#SqlComponent', gone: '.#Gone' }),
  'node_modules/@acme/sql/index.js': 'export class SqlComponent {}',
  'node_modules/parts/package.json': manifest('parts', { part: './more#Part', cache: '.#Cache' }),
  'node_modules/parts/index.js': 'export class Cache {}',
  'node_modules/parts/more.js': 'export class Part {}',
  'node_modules/other/package.json': manifest('other', { cache: '.#Cache' }),
  'node_modules/other/index.js': 'export class Cache {}',
  'src/app.mjs': 'export class App {}',
};

async function loaded(component: string, cwd = '.') {
  const folder = tempFolder({ ...installed, 'conf/app.yaml': component, 'elsewhere/x': '' });
  return await loadConfig({ files: [join(folder, 'conf/app.yaml')], cwd: join(folder, cwd), env: {} });
}

async function typesOf(component: string, cwd?: string): Promise<Record<string, string>> {
  const { components, problems } = await planApplication(undefined, { config: await loaded(component, cwd) });
  expect(problems.map(({ message }) => message)).toEqual([]);
  return Object.fromEntries(components.map(({ node }) => [node.path, node.type.name]));
}

async function messagesOf(component: string): Promise<readonly string[]> {
  const problems = await problemsOf(undefined, await loaded(component));
  return problems.map((problem) => problem.replace(/^(  from +).*\/(app\.yaml)/gm, '$1$2'));
}

describe('types of installed packages', () => {
  const components = '{ sql: {}, sql/archive: {}, store: { type: part }, more: { type: sql/x } }';

  test('types of installed packages are found by alias and by `type` from any working folder', async () => {
    const found = {
      '': 'App',
      sql: 'SqlComponent',
      'sql/archive': 'SqlComponent',
      store: 'Part',
      more: 'SqlComponent',
    };
    for (const cwd of ['.', 'conf', 'elsewhere', '/']) {
      expect(await typesOf(`component: { type: ../src/app.mjs:App, components: ${components} }`, cwd)).toEqual(found);
    }
  });

  test('the root component can be a type of an installed package', async () => {
    expect(await typesOf('component: { type: part }')).toEqual({ '': 'Part' });
  });

  test('packages of the working folder are found if the file is elsewhere', async () => {
    const conf = tempFolder({ 'app.yaml': "component: { type: sql, components: { a: { type: 'parts#Cache' } } }" });
    const config = await loadConfig({ files: [join(conf, 'app.yaml')], cwd: tempFolder(installed), env: {} });
    const { components } = await planApplication(undefined, { config });
    expect(components.map(({ node }) => node.type.name)).toEqual(['SqlComponent', 'Cache']);
  });

  test('types that components declare take precedence over installed packages', async () => {
    class Own extends Component {}
    @component({ types: { sql: Own } })
    class App extends Component {}
    const config = await loaded('component: { components: { sql: {} } }');
    const { components } = await planApplication(App, { config });
    expect(components[1]?.node.type).toBe(Own);
  });
});

test('a reference names a package or one of its entries, and an export', async () => {
  const components =
    "{ a: { type: '@acme/sql#SqlComponent' }, b: { type: 'parts/more#Part' }, c: { type: parts:Cache } }";
  expect(await typesOf(`component: { type: ../src/app.mjs#App, components: ${components} }`)).toEqual({
    '': 'App',
    a: 'SqlComponent',
    b: 'Part',
    c: 'Cache',
  });
});

test('a type that cannot be found is reported with suggestions from installed packages', async () => {
  const wrong = {
    'a near miss': 'sqll',
    'an unknown word': 'nothing-like-it',
    'the name of a package': '@acme/sql',
    'a missing export': '@acme/sql#Sql',
    'a type of several packages': 'cache',
    'an offered export that is missing': 'gone',
    'a missing package': '@acme/web#WebComponent',
  };
  for (const [what, type] of Object.entries(wrong)) {
    const [problem] = await messagesOf(
      `component: { type: ../src/app.mjs:App, components: { a: { type: '${type}' } } }`,
    );
    expect(problem).toMatchSnapshot(what);
  }
});
