import { join } from 'node:path';
import { ConfigError, defineConfig, listOf, mapOf } from '@asphalt/core';
import { loadConfig, LoadedConfig } from '@asphalt/core/config';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { validated } from './validated.ts';

const doc = 'Some option';

const schema = defineConfig({
  tls: {
    doc,
    format: defineConfig({
      port: { doc, format: 'port', default: 443, env: 'TLS_PORT' },
      key: { doc, format: 'path', required: true },
      passphrase: { doc, format: 'string', sensitive: true },
    }),
  },
  limits: { doc, format: defineConfig({ size: { doc, format: 'bytes', default: '1kb' } }), default: {} },
  mirrors: { doc, format: listOf('url'), default: [] },
  users: { doc, format: listOf(defineConfig({ name: { doc, format: 'name', required: true } })) },
  timeouts: { doc, format: mapOf('duration') },
  old: { doc, format: 'int', deprecated: 'use limits.size' },
});

function check(options: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}) {
  return validated(schema, LoadedConfig.fromObject(options, { env, cwd: '/app' }));
}

describe('sections, lists and mappings', () => {
  test('are read recursively, with defaults, and frozen', async () => {
    const { value, problems } = await check({
      tls: { key: 'a.pem' },
      mirrors: ['https://example.org/'],
      users: [{ name: 'ada' }],
      timeouts: { read: '1s', write: null },
    });
    expect(problems).toEqual([]);
    expect(value).toEqual({
      tls: { port: 443, key: '/app/a.pem', passphrase: undefined },
      limits: { size: 1000 },
      mirrors: ['https://example.org/'],
      users: [{ name: 'ada' }],
      timeouts: { read: 1000 },
      old: undefined,
    });
    expect([value.tls, value.mirrors, value.users?.[0], value.timeouts].every(Object.isFrozen)).toBe(true);
  });

  test('are undefined if not set and without a default', async () => {
    expect((await check({})).value).toMatchObject({ tls: undefined, limits: { size: 1000 }, users: undefined });
  });

  test('are read from variables as JSON, and a variable of an option creates its section', async () => {
    const variables = defineConfig({ tags: { doc, format: listOf('string'), env: 'TAGS' } });
    const config = LoadedConfig.fromObject({}, { env: { TAGS: '["a","b"]' } });
    expect((await validated(variables, config)).value).toEqual({ tags: ['a', 'b'] });
    expect((await check({ tls: { key: 'k', port: 1 } }, { TLS_PORT: '8443' })).value.tls?.port).toBe(8443);
    expect((await check({}, { TLS_PORT: '8443' })).problems).toMatchObject([{ path: 'component.tls.key' }]);
    const hostile = LoadedConfig.fromObject({}, { env: { TAGS: '{"__proto__":1}' } });
    expect((await validated(variables, hostile)).problems).toMatchObject([{ message: 'must be a list' }]);
  });

  test('report each problem with its place and line', async () => {
    const text = `component:
  tls: { port: 80a, passphrase: hunter2 }
  mirrors: [https://example.org/, nowhere]
  users:
    - name: ada
    - nam: bob
  timeouts:
    read: soon
  limits: 5
`;
    const config = await loadConfig({ files: ['app.yaml'], env: {}, cwd: tempFolder({ 'app.yaml': text }) });
    expect(new ConfigError((await validated(schema, config)).problems).message).toMatchInlineSnapshot(`
      "Configuration has 7 problems
        1. \`component.tls.key\` is required
           help  set it in a configuration file, or with --set component.tls.key=…
        2. \`component.tls.port\` must be a whole number from 0 to 65535, got "80a"
           from  app.yaml:2:10
                 2 │ … port: 80a …
                   │   ^
        3. \`component.limits\` must be a mapping of options, got 5
           from  app.yaml:9:3
                 9 │   limits: 5
                   │   ^
        4. \`component.mirrors.1\` must be an absolute URL such as "https://example.org/", got "nowhere"
           from  app.yaml:3:35
                 3 │ … nowhere …
                   │   ^
        5. \`component.users.1.nam\` is not a known option
           from  app.yaml:6:7
                 6 │     - nam: …
                   │       ^
           help  did you mean \`component.users.1.name\`?
        6. \`component.users.1.name\` is required
           help  set it in a configuration file, or with --set component.users.1.name=…
        7. \`component.timeouts.read\` must be a duration such as "250ms", "10s" or "5m", got "soon"
           from  app.yaml:8:5
                 8 │     read: soon
                   │     ^
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('can be changed by --set down to a single item', async () => {
    const cwd = tempFolder({ 'app.yaml': 'component: { users: [{ name: ada }], timeouts: { read: 1s } }' });
    const set = ['component.users.0.name=bob', 'component.users.1={ name: eve }', 'component.timeouts.write=2s'];
    const config = await loadConfig({ files: ['app.yaml'], set, env: {}, cwd });
    expect(await validated(schema, config)).toMatchObject({
      problems: [],
      value: { users: [{ name: 'bob' }, { name: 'eve' }], timeouts: { read: 1000, write: 2000 } },
    });
  });

  test('cannot read many values from one variable', async () => {
    const items = defineConfig({ port: { doc, format: 'port', env: 'PORT' } });
    const error = await errorOf(() => defineConfig({ servers: { doc, format: listOf(items) } }));
    expect(error.message).toMatchInlineSnapshot(`
      "Option \`servers\` has many values, which cannot all come from variable PORT
        help         remove \`env\` from its format
        code         ERR_CONFIG_SCHEMA"
    `);
  });
});

describe('formats of text', () => {
  const formats = defineConfig({
    mail: { doc, format: 'email' },
    pattern: { doc, format: 'regexp' },
    database: { doc, format: 'name' },
  });
  const read = (options: Readonly<Record<string, unknown>>) => validated(formats, LoadedConfig.fromObject(options));

  test('reads email addresses, regular expressions and resource names', async () => {
    expect((await read({ mail: 'ada@example.org', pattern: '^a+$', database: 'read-only' })).value).toEqual({
      mail: 'ada@example.org',
      pattern: /^a+$/,
      database: 'read-only',
    });
    expect((await read({ pattern: '/^a+$/i' })).value.pattern).toEqual(/^a+$/i);
    expect((await read({ pattern: /x/g })).value.pattern).toEqual(/x/g);
  });

  test('words the requirement of each format', async () => {
    const { problems } = await read({ mail: 'Ada <ada@example.org>', pattern: '(', database: 'a/b' });
    expect(new ConfigError(problems).message).toMatchInlineSnapshot(`
      "Configuration has 3 problems
        1. \`component.mail\` must be an email address such as "ada@example.org", got "Ada <ada@example.org>"
           from  set in code
           help  write only the address, without a name and brackets
        2. \`component.pattern\` must be a regular expression such as "^a+$" or "/^a+$/i", got "("
           from  set in code
        3. \`component.database\` must be a resource name of letters, digits, '_' and '-', got "a/b"
           from  set in code
        code         ERR_CONFIG_INVALID"
    `);
  });
});

describe('a deprecated option', () => {
  test('is reported once, with its place, and only if it is set', async () => {
    const cwd = tempFolder({ 'app.yaml': 'component:\n  old: 1\n' });
    const config = await loadConfig({ files: ['app.yaml'], env: {}, cwd });
    for (let times = 0; times < 2; times++) expect((await validated(schema, config)).value.old).toBe(1);
    expect(config.warnings).toEqual([
      {
        path: 'component.old',
        message: 'is deprecated',
        from: 'app.yaml:2:3',
        place: { file: join(cwd, 'app.yaml'), line: 2, column: 3 },
        codeFrame: '2 │   old: …\n  │   ^',
        help: 'use limits.size',
      },
    ]);
    const without = LoadedConfig.fromObject({});
    await validated(schema, without);
    expect(without.warnings).toEqual([]);
  });
});
