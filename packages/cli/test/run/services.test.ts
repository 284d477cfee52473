/** Which part of a configuration is run, with which values; the numbers are those of the original's own test cases. */
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt, type Surroundings } from '../asphalt-process.ts';

useAsphalt();

/** Tells its options and ends. */
const app = `
import { CliComponent, component, defineConfig } from '@asphalt/core';
const text = (doc) => ({ doc, format: 'string', default: '-' });
const options = defineConfig({ one: text('1'), two: { doc: '2', format: 'int', default: 0 }, three: text('3'), four: text('4') });
export class App extends CliComponent {
  run() { console.log(Object.values(this.config).join(' ')); }
}
component({ config: options })(App);
`;

/** What the application tells, or else the summary of the failure. */
async function told(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  surroundings?: Surroundings,
): Promise<string> {
  const folder = appWith({ 'app.js': app, ...files });
  const { code, stdout, stderr } = await asphalt(folder, ['run', ...Object.keys(files), ...args], surroundings);
  expect([0, 1]).toContain(code);
  return code === 0 ? stdout.split('\n').find((line) => /^\S+ \d+ /.test(line))! : stderr.split('\n')[0]!;
}

test('tags bring environment text, file text and file bytes to the component (A157)', async () => {
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

test('later files and --set win, value by value, and logging is taken from whoever says it (A162)', async () => {
  const files = {
    'one.yaml': "component: { type: './app.js:App', one: first, two: 5 }\nlogging: info\n",
    'two.yaml': 'component: { one: second, two: 10 }\n',
  };
  expect(await told(files, ['--set', 'component.three=set', '--set', 'component.four=new'])).toBe('second 10 set new');
});

describe('the service that is run', () => {
  test('is the only one, whatever it is called (A169)', async () => {
    expect(await told({ 'a.yaml': `services: { whatever: ${service('it')} }\n` })).toBe('it 0 - -');
  });

  const several = { 'a.yaml': `services: { default: ${service('usual')}, whatever: ${service('other')} }\n` };

  test('is the default one of several (A170)', async () => {
    expect(await told(several)).toBe('usual 0 - -');
  });

  test('is named by a variable, or by an option, which wins (A171, A172)', async () => {
    const env = { ASPHALT_SERVICE: 'whatever' };
    expect(await told(several, [], { env })).toBe('other 0 - -');
    expect(await told(several, ['-s', 'default'], { env })).toBe('usual 0 - -');
  });

  test('has what YAML merges into it, and the settings that stand beside the services (A164)', async () => {
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

describe('a configuration is refused', () => {
  test.each([
    ['a service without a component (A159)', 'services: { default: null }\n'],
    ['a component without a type (A160)', 'services: { default: { component: {} } }\n'],
    ['services that are no mapping (A167)', 'services: blah\n'],
    ['services of which there are none (A168)', 'services: {}\n'],
  ])('%s', async (_, config) => {
    expect(await told({ 'a.yaml': config })).toMatchSnapshot();
  });

  test('a service that is not there (A165), and a --set without "=" (A158)', async () => {
    const files = { 'a.yaml': `services: { default: ${service('it')} }\n` };
    expect(await told(files, ['-s', 'foobar'])).toMatchSnapshot('service');
    expect(await told(files, ['--set', 'foobar'])).toMatchSnapshot('setting');
  });
});
