import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { component, Component, loadConfig, planApplication } from '@asphalt/core';
import { tempFolder } from '../config/temp-folder.ts';
import { problemsOf } from './told.ts';

const manifest = (name: string, components: object): string =>
  JSON.stringify({
    name,
    type: 'module',
    exports: { '.': './index.js', './more': './more.js' },
    asphalt: { components },
  });

/** An application with three packages, of which two offer the type `cache`. */
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

async function complaints(component: string): Promise<readonly string[]> {
  const problems = await problemsOf(undefined, await loaded(component));
  return problems.map((problem) => problem.replace(/^(  from +).*\/(app\.yaml)/gm, '$1$2'));
}

describe('types that installed packages offer', () => {
  const components = '{ sql: {}, sql/archive: {}, store: { type: part }, more: { type: sql/x } }';

  test('are found by alias and by `type`, from whatever folder the application is started', async () => {
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

  test('may be the root', async () => {
    expect(await typesOf('component: { type: part }')).toEqual({ '': 'Part' });
  });

  test('are found from the working folder too, where the file stands elsewhere', async () => {
    const conf = tempFolder({ 'app.yaml': "component: { type: sql, components: { a: { type: 'parts#Cache' } } }" });
    const config = await loadConfig({ files: [join(conf, 'app.yaml')], cwd: tempFolder(installed), env: {} });
    const { components } = await planApplication(undefined, { config });
    expect(components.map(({ node }) => node.type.name)).toEqual(['SqlComponent', 'Cache']);
  });

  test('step back behind what components themselves name', async () => {
    class Own extends Component {}
    @component({ types: { sql: Own } })
    class App extends Component {}
    const config = await loaded('component: { components: { sql: {} } }');
    const { components } = await planApplication(App, { config });
    expect(components[1]?.node.type).toBe(Own);
  });
});

test('a package and its export may be named, and its entries', async () => {
  const components =
    "{ a: { type: '@acme/sql#SqlComponent' }, b: { type: 'parts/more#Part' }, c: { type: parts:Cache } }";
  expect(await typesOf(`component: { type: ../src/app.mjs#App, components: ${components} }`)).toEqual({
    '': 'App',
    a: 'SqlComponent',
    b: 'Part',
    c: 'Cache',
  });
});

test('what leads to no type is told, with the packages that offer one', async () => {
  const wrong = {
    'a word that is near': 'sqll',
    'a word that is not': 'nothing-like-it',
    'a package': '@acme/sql',
    'an export that is not there': '@acme/sql#Sql',
    'several packages': 'cache',
    'an offer that is not there': 'gone',
    'a package that is not there': '@acme/web#WebComponent',
  };
  for (const [what, type] of Object.entries(wrong)) {
    const [problem] = await complaints(
      `component: { type: ../src/app.mjs:App, components: { a: { type: '${type}' } } }`,
    );
    expect(problem).toMatchSnapshot(what);
  }
});
