/** The part of a configuration that `asphalt run` uses, and its values. */
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt, type ProcessOptions } from '../asphalt-process.ts';

useAsphalt();

/** Prints its options and ends. */
const app = `
import { CliComponent, component, defineConfig } from '@asphalt/core';
const text = (doc) => ({ doc, format: 'string', default: '-' });
const options = defineConfig({ one: text('1'), two: { doc: '2', format: 'int', default: 0 }, three: text('3'), four: text('4') });
export class App extends CliComponent {
  run() { console.log(Object.values(this.config).join(' ')); }
}
component({ config: options })(App);
`;

/** Returns the output of the application, or the summary of the failure. */
async function outputOf(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  options?: ProcessOptions,
): Promise<string> {
  const folder = appWith({ 'app.js': app, ...files });
  const { code, stdout, stderr } = await asphalt(folder, ['run', ...Object.keys(files), ...args], options);
  expect([0, 1]).toContain(code);
  return code === 0 ? stdout.split('\n').find((line) => /^\S+ \d+ /.test(line))! : stderr.split('\n')[0]!;
}

test('tags pass environment variables, file texts and file bytes to the component', async () => {
  const tagged = `
import { CliComponent, component, defineConfig } from '@asphalt/core';
const options = defineConfig({
  variable: { doc: 'Text', format: 'string', required: true },
  text: { doc: 'Text', format: 'string', required: true },
  bytes: { doc: 'Bytes', format: 'binary', required: true },
});
export class App extends CliComponent {
  run() { console.log(JSON.stringify([this.config.variable, this.config.text, [...this.config.bytes]])); }
}
component({ config: options })(App);
`;
  const config = `
component:
  type: ../app.js:App
  variable: !Env MYENV
  text: !TextFile hello.txt
  bytes: !BinaryFile bytes
logging: warn
`;
  const files = { 'app.js': tagged, 'conf/a.yaml': config, 'conf/hello.txt': 'Hello, World!', 'conf/bytes': '\u0001' };
  const ended = await asphalt(appWith(files), ['run', 'conf/a.yaml'], { env: { MYENV: 'from environment' } });
  expect(ended).toEqual({ code: 0, signal: null, stderr: '', stdout: '["from environment","Hello, World!",[1]]\n' });
});

const service = (one: string): string => `{ component: { type: './app.js:App', one: ${one} } }`;

test('later files and --set override single values, and logging can be set in any file', async () => {
  const files = {
    'one.yaml': "component: { type: './app.js:App', one: first, two: 5 }\nlogging: info\n",
    'two.yaml': 'component: { one: second, two: 10 }\n',
  };
  expect(await outputOf(files, ['--set', 'component.three=set', '--set', 'component.four=new'])).toBe(
    'second 10 set new',
  );
});

describe('the service to run', () => {
  test('is the only one, regardless of its name', async () => {
    expect(await outputOf({ 'a.yaml': `services: { whatever: ${service('it')} }\n` })).toBe('it 0 - -');
  });

  const several = { 'a.yaml': `services: { default: ${service('usual')}, whatever: ${service('other')} }\n` };

  test('is the one named "default" among several', async () => {
    expect(await outputOf(several)).toBe('usual 0 - -');
  });

  test('is set by ASPHALT_SERVICE, which --service overrides', async () => {
    const env = { ASPHALT_SERVICE: 'whatever' };
    expect(await outputOf(several, [], { env })).toBe('other 0 - -');
    expect(await outputOf(several, ['-s', 'default'], { env })).toBe('usual 0 - -');
  });

  test('contains merged YAML and the settings next to the services', async () => {
    const merged = `
x-base: &base { type: './app.js:App', one: base, three: base, four: base }
logging: warn
services:
  server: { component: *base }
  client: { component: { <<: *base, three: own, four: own } }
`;
    const args = ['run', 'a.yaml', '-s', 'client'];
    const { code, stdout } = await asphalt(appWith({ 'app.js': app, 'a.yaml': merged }), args);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'base 0 own own\n' });
  });
});

describe('a configuration is rejected', () => {
  test.each([
    ['if a service has no component', 'services: { default: null }\n'],
    ['if a component has no type', 'services: { default: { component: {} } }\n'],
    ['if services is not a mapping', 'services: blah\n'],
    ['if services is empty', 'services: {}\n'],
  ])('%s', async (_, config) => {
    expect(await outputOf({ 'a.yaml': config })).toMatchSnapshot();
  });

  test('if the selected service does not exist or --set contains no "="', async () => {
    const files = { 'a.yaml': `services: { default: ${service('it')} }\n` };
    expect(await outputOf(files, ['-s', 'foobar'])).toMatchSnapshot('service');
    expect(await outputOf(files, ['--set', 'foobar'])).toMatchSnapshot('setting');
  });
});
