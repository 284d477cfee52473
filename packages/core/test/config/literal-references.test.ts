/** Tests of `${NAME}` in values, which other tools replace and a configuration takes literally. */
import { Component, component, defineConfig, listOf, mapOf, type Logger, silentLogger } from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { planApplication } from '@asphalt/core/inspect';
import { tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const doc = 'Some option';

const options = defineConfig({
  host: { doc, format: 'string', env: 'APP_HOST' },
  password: { doc, format: 'string', sensitive: true },
  port: { doc, format: 'port' },
  database: { doc, format: 'url' },
  data: { doc, format: 'path' },
  pattern: { doc, format: 'regexp' },
  mirrors: { doc, format: listOf('string') },
  limits: { doc, format: mapOf('string') },
  tls: { doc, format: defineConfig({ key: { doc, format: 'string' } }) },
  template: { doc, format: 'string', default: '${NAME}' },
  schema: { doc, format: z.string() },
});

@component({ config: options })
class App extends Component<typeof options> {}

interface Source {
  readonly file?: string;
  readonly text?: string;
  readonly set?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Returns the problems and the warnings of a configuration. */
async function reported({ file = 'app.yaml', text, set = [], env = {} }: Source) {
  const files = text === undefined ? {} : { [file]: text };
  const config = await loadConfig({ files: Object.keys(files), cwd: tempFolder(files), set, env });
  const warnings: unknown[] = [];
  const logger: Logger = { ...silentLogger, warn: (message: unknown) => void warnings.push(message) };
  const { problems } = await planApplication(App, { config, logger });
  return { problems: problems.map(({ message }) => message), warnings };
}

describe('a text that an option accepts', () => {
  test.each([
    ['app.yaml', 'component:\n  host: ${DB_HOST}\n'],
    ['app.json', '{ "component": { "host": "${DB_HOST}" } }'],
    ['app.json5', '{ component: { host: "${DB_HOST}" } }'],
    ['app.mjs', 'export default { component: { host: "${DB_HOST}" } };'],
  ])('is used unchanged, with a warning that explains how to read a variable in %s', async (file, text) => {
    const { problems, warnings } = await reported({ file, text });
    expect(problems).toEqual([]);
    expect(warnings).toMatchSnapshot();
  });

  test('causes a warning in lists, mappings, sections, URLs, paths and schemas', async () => {
    const text = `component:
  mirrors: ['a', '\${ONE}']
  limits: { web: '\${TWO:-5}' }
  tls: { key: '\${THREE}' }
  database: postgres://\${DB_HOST}/app
  data: /srv/\${HOME}
  schema: \${FOUR}
`;
    const { problems, warnings } = await reported({ text, env: { DB_HOST: 'db', HOME: '/root' } });
    expect(problems).toEqual([]);
    expect(warnings).toMatchSnapshot();
  });

  test('causes a warning from --set and from variables', async () => {
    const { warnings } = await reported({ set: ['component.schema=${HOME}'], env: { APP_HOST: '${OTHER}' } });
    expect(warnings).toMatchSnapshot();
  });

  test('causes a warning without the name if the option is sensitive', async () => {
    const { warnings } = await reported({ text: 'component:\n  password: ${hunter2}\n' });
    expect(warnings).toMatchSnapshot();
  });

  test('causes no warning if it may be a template, an expression, a default, or comes from a tag', async () => {
    const text = `component:
  host: Hello \${name}, $HOME costs $5 {a}
  pattern: ^\${HOME}$
  schema: !Env TEXT
  limits: { a: !TextFile text.txt }
`;
    const files = { 'app.yaml': text, 'text.txt': '${HOME}' };
    const config = await loadConfig({
      files: ['app.yaml'],
      cwd: tempFolder(files),
      env: { TEXT: '${HOME}', HOME: '/root' },
    });
    expect((await planApplication(App, { config })).problems).toEqual([]);
    expect(config.warnings).toEqual([]);
  });
});

describe('a text that an option rejects', () => {
  test.each([
    ['component:\n  port: ${PORT}\n'],
    ['component:\n  database: https://${DB_HOST}:${DB_PORT}/\n'],
    ['component:\n  mirrors: ${MIRRORS}\n'],
    ['component:\n  tls: ${misplaced_secret}\n'],
  ])('is explained: %j', async (text) => {
    const { problems, warnings } = await reported({ text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchSnapshot();
    expect(warnings).toEqual([]);
  });

  test('is explained where it is no valid YAML', async () => {
    const config = loadConfig({ files: ['a.yaml'], cwd: tempFolder({ 'a.yaml': 'component: { port: ${hunter2} }' }) });
    await expect(config).rejects.toThrowErrorMatchingSnapshot();
  });

  test('is explained in --set', async () => {
    expect((await reported({ set: ['component.port=${PORT}'] })).problems).toMatchSnapshot();
  });

  test('shows nothing of a text from a tag', async () => {
    const { problems } = await reported({ text: 'component: { port: !Env PORT }', env: { PORT: '${hunter2}' } });
    expect(problems[0]).not.toContain('literally');
  });
});
