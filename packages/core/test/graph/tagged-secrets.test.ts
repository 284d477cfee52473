/** No message, description or property of an error contains the value of a tag or the password in a URL. */
import { inspect } from 'node:util';
import { Component, component, defineConfig, listOf, mapOf } from '@asphalt/core';
import { loadConfig, LoadedConfig } from '@asphalt/core/config';
import { describeConfig, diffConfig, planApplication } from '@asphalt/core/inspect';
import { tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { described, rootOptionsOf } from '../config/validated.ts';

/** Joined at run time so that the printed names of tests do not contain it. */
const secret = ['hunter2', 'xyzzy'].join('-');

const options = defineConfig({
  port: { doc: 'A port', format: 'port', default: 80 },
  text: { doc: 'A text', format: 'string', env: 'APP_TEXT' },
  url: { doc: 'A URL', format: 'url' },
  backend: { doc: 'A choice', format: ['hunter2-xyzz', 'other'] },
  ports: { doc: 'A list', format: listOf('port') },
  limits: { doc: 'A mapping', format: mapOf('duration') },
  headers: { doc: 'Texts', format: mapOf('string') },
  anything: { doc: 'Anything', format: 'object' },
  section: { doc: 'A section', format: defineConfig({ size: { doc: 'A size', format: 'bytes' } }) },
  schema: {
    doc: 'A schema that quotes',
    format: z
      .record(z.string(), z.string())
      .refine(() => false, { error: ({ input }) => `cannot be ${JSON.stringify(input)}` }),
  },
  home: { doc: 'A URL with a password', format: 'url', default: `http://ada:${secret}@example.org/` },
  old: { doc: 'Deprecated', format: 'string', deprecated: 'use text' },
});

@component({ config: options, components: {} })
class App extends Component<typeof options> {}

/** Returns everything that tools print about a configuration. */
async function everythingAbout(files: readonly string[], cwd: string, set: readonly string[] = []): Promise<string> {
  const texts: string[] = [];
  const add = (value: unknown): void => {
    texts.push(inspect(value, { depth: 20 }), JSON.stringify(value) ?? '');
    if (value instanceof Error) texts.push(value.message);
  };
  try {
    const env = {
      SECRET: secret,
      URL: `http://ada:${secret}@example.org/`,
      ASPHALT_SET_FREE: 'component.limits.a=1s',
      APP_TEXT: 'x',
    };
    const load = () => loadConfig({ files, set, cwd, env, collectProblems: true });
    const plan = await planApplication(App, { config: await load() });
    plan.problems.forEach(add);
    plan.problems.forEach(({ explanation }) => add(explanation));
    add(await describeConfig(App, { config: await load() }));
    add(await diffConfig(await load(), await loadConfig({ files: [], cwd, env: {}, collectProblems: true })));
  } catch (error) {
    add(error);
  }
  return texts.join('\n');
}

const written = [
  ...['port', 'url', 'backend', 'text', 'old', 'ports', 'limits', 'headers', 'anything', 'section', 'schema'].flatMap(
    (name) => [
      `component: { ${name}: !Env SECRET }`,
      `component: { ${name}: !TextFile secret.txt }`,
      `component: { ${name}: [!Env SECRET] }`,
      `component: { ${name}: { size: !Env SECRET, other: [!TextFile secret.txt] } }`,
      `component: { ${name}: !Env { name: MISSING, default: SECRET_TEXT } }`,
      `x-shared: &shared !Env SECRET\ncomponent: { ${name}: *shared }`,
      `x-shared: &shared { ${name}: !Env SECRET }\ncomponent: { <<: *shared }`,
      `x-shared: &shared { size: !Env SECRET }\ncomponent: { ${name}: { <<: *shared } }`,
      `component: { ${name}: [[{ a: !Env SECRET }]] }`,
      `component:\n  ${name}:\n    !Env SECRET`,
    ],
  ),
  'component: !Env SECRET',
  'component: [!Env SECRET]',
  'component: { type: !Env SECRET }',
  'component: { type: !Env URL }',
  'component: { type: !TextFile secret.txt }',
  'component: { components: !Env SECRET }',
  'component: { components: [!Env SECRET] }',
  'component: { components: { x: !Env SECRET } }',
  'component: { components: { x: { type: !Env SECRET } } }',
  'component: { components: { x: { type: !TextFile type.txt } } }',
  'component: { components: { x: { type: [!Env SECRET] } } }',
  'component: { unknown: !Env SECRET }',
  'component: { unknown: { deep: [!Env SECRET] } }',
  'component: { !Env SECRET : 1 }',
  'component: { ? !Env SECRET : 1 }',
  'component: { components: { !Env SECRET : {} } }',
  '!Env SECRET : 1',
  'startTimeout: !Env SECRET',
  'stopTimeout: [!Env SECRET]',
  'logging: !Env SECRET',
  'logging: { level: !Env SECRET }',
  'logging: { levels: !Env SECRET }',
  'logging: { levels: { web: !Env SECRET } }',
  'logging: { format: !TextFile secret.txt }',
  'logging: { file: [!Env SECRET] }',
  'services: !Env SECRET',
  'services: [!Env SECRET]',
  'services: { default: !Env SECRET }',
  'services: { default: { component: !Env SECRET } }',
  'services: { default: { startTimeout: !Env SECRET } }',
  'services: { web: { component: { port: !Env SECRET } } }',
  'unknown: !Env SECRET',
  'x-free: !Env SECRET',
  `component: { url: "http://ada:SECRET_TEXT@[bad" }`,
  `component: { url: "http://ada:a/SECRET_TEXT@example.org" }`,
  `component: { url: "http://ada:SECRET_TEXT@example.org/" }`,
  `component: { port: "http://ada:SECRET_TEXT@example.org/" }`,
  `component: { text: "jdbc:postgresql://ada:SECRET_TEXT@example.org/x" }`,
  `component: { text: "https://SECRET_TEXT@example.org/x" }`,
  `component: { text: "https://example.org/x?a=1&access_token=SECRET_TEXT" }`,
  `component: { anything: { deep: ["amqp://ada:SECRET_TEXT@example.org"] } }`,
  `component: { ports: ["http://ada:SECRET_TEXT@example.org"] }`,
  `component: { limits: { a: "http://ada:SECRET_TEXT x@example.org" } }`,
  `component: { schema: { a: "http://ada:SECRET_TEXT@example.org" } }`,
  `component: { section: "http://ada:SECRET_TEXT@example.org" }`,
  'component: { url: !Env URL, text: !Env URL }',
  'component: { port: !TextFile url.txt }',
  `component: { port: "${'x'.repeat(50)}://ada:SECRET_TEXT@example.org" }`,
];

test.each(written)('no output contains the secret of: %s', async (text) => {
  const cwd = tempFolder({
    'a.yaml': text.replaceAll('SECRET_TEXT', secret),
    'secret.txt': `${secret}\n`,
    'type.txt': `./${secret}.ts:App`,
    'url.txt': `http://ada:${secret}@[bad`,
    'b.yaml': 'component: { port: 1 }',
  });
  const shown = [
    await everythingAbout(['a.yaml'], cwd),
    await everythingAbout(['b.yaml', 'a.yaml'], cwd, ['component.port=1']),
  ].join('\n');
  expect(shown.length).toBeGreaterThan(50);
  expect(shown.split('\n').filter((line) => line.includes('xyzzy'))).toEqual([]);
});

test.each([
  'component={ port: !Env SECRET }',
  'component={ text: !Env SECRET }',
  'component.section={ size: !Env SECRET }',
  'component.schema={ size: !Env SECRET }',
  'component={ type: !Env SECRET }',
  'component.ports=[!TextFile secret.txt]',
  `component.url=http://ada:SECRET_TEXT@[bad`,
  `component.section={ size: SECRET_TEXT`,
  `component.headers=[SECRET_TEXT, {`,
])('no output contains the secret of: --set %s', async (set) => {
  const cwd = tempFolder({ 'b.yaml': 'component: {}', 'secret.txt': secret });
  expect(await everythingAbout(['b.yaml'], cwd, [set.replace('SECRET_TEXT', secret)])).not.toContain('xyzzy');
});

test('a message names the origin instead of the value', async () => {
  const cwd = tempFolder({ 'a.yaml': 'component: { port: !TextFile secret.txt }', 'secret.txt': secret });
  const { problems } = await planApplication(App, { config: await loadConfig({ files: ['a.yaml'], cwd, env: {} }) });
  expect(problems.map(({ message }) => message)).toMatchInlineSnapshot(`
    [
      "\`component.port\` must be a whole number from 0 to 65535
      from         a.yaml:1:14 (!TextFile secret.txt)
                   1 │ … port: !TextFile …
                     │   ^
      code         ERR_CONFIG_INVALID",
    ]
  `);
});

describe('a URL', () => {
  test.each([
    ['https://example.org/@user?a=1', 'https://example.org/@user?a=1'],
    ['http://ada:lovelace@example.org/@x', 'http://***@example.org/@x'],
    ['http://token@example.org', 'http://***@example.org'],
    ['http://ada:a/b#c@example.org', 'http://***@example.org'],
    ['postgres://a:b@one,c:d@two/x', 'postgres://***@two/x'],
    ['connect to http://a:b@c', 'connect to http://***@c'],
    ['postgres//ada:lovelace@db/shop', 'postgres//***@db/shop'],
    ['//ada:lovelace@db?token=x', '//***@db?token=***'],
    ['https://example.org/?a=1&apiKey=x&b=2#c', 'https://example.org/?a=1&apiKey=***&b=2#c'],
    ['ada@example.org', 'ada@example.org'],
  ])('the URL %s is shown as %s', async (url, shown) => {
    const schema = defineConfig({ url: { doc: 'A URL', format: 'string' } });
    const description = await described(schema, LoadedConfig.fromObject({ url }));
    expect(rootOptionsOf(description)[0]?.value).toBe(shown);
  });
});
