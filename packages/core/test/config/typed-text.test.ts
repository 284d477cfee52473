/** Tests of text typed after `--set` or in variables: it is passed unchanged or rejected. */
import {
  child,
  Component,
  component,
  ConfigError,
  defineConfig,
  listOf,
  mapOf,
  provides,
  startApplication,
  token,
} from '@asphalt/core';
import { loadConfig, type LoadConfigOptions } from '@asphalt/core/config';
import { errorOf, tempFolder } from '@asphalt/test-support';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { described, rootOptionsOf, validated } from './validated.ts';

const options = defineConfig({
  title: { doc: 'A text', format: 'string', env: 'APP_TITLE' },
  password: { doc: 'A secret', format: 'string', sensitive: true },
  size: { doc: 'A size', format: 'bytes' },
  mirrors: { doc: 'A list', format: listOf('string'), default: ['one', 'two'], env: 'APP_MIRRORS' },
  limits: { doc: 'A map', format: mapOf('duration'), env: 'APP_LIMITS' },
  texts: { doc: 'A map of texts', format: mapOf('string') },
  tls: {
    doc: 'A section',
    env: 'APP_TLS',
    format: defineConfig({
      key: { doc: 'A key', format: 'string', env: 'APP_KEY' },
      cert: { doc: 'A certificate', format: 'string', default: 'none' },
      hosts: { doc: 'A list in a section', format: listOf('string') },
    }),
  },
  servers: {
    doc: 'A list of sections',
    format: listOf(
      defineConfig({ host: { doc: 'A host', format: 'string' }, port: { doc: 'A port', format: 'port' } }),
    ),
    default: [{ host: 'here', port: 1 }],
  },
  n: { doc: 'A number', format: 'int', env: 'APP_N' },
  on: { doc: 'A boolean', format: 'boolean', env: 'APP_ON' },
  wait: { doc: 'A duration', format: 'duration' },
  pattern: { doc: 'An expression', format: 'regexp' },
  mode: { doc: 'One of several', format: ['null', '{fast}', 'safe'] },
  anything: { doc: 'Anything', format: 'object' },
  text: { doc: 'A text by a schema', format: z.string() },
});

const pem = '-----BEGIN KEY-----\nMIIB\nAAAA\n-----END KEY-----\n';

interface Source extends Pick<LoadConfigOptions, 'set' | 'env' | 'rootOptions'> {
  readonly yaml?: string;
}

async function configOf({ yaml, env = {}, ...source }: Source) {
  const files = yaml === undefined ? {} : { 'app.yaml': yaml };
  return loadConfig({ files: Object.keys(files), cwd: tempFolder(files), env, ...source });
}

async function valuesOf(source: Source) {
  const { value, problems } = await validated(options, await configOf(source));
  expect(problems).toEqual([]);
  return value;
}

async function messageOf(source: Source): Promise<string> {
  const { problems } = await validated(options, await configOf(source));
  return new ConfigError(problems).message;
}

describe('text for a string option is passed unchanged', () => {
  const texts = [
    'abc #def',
    'Order #12 is late',
    'p4ss #word',
    'line one\nline two\nline three',
    pem,
    '  padded  ',
    '"quoted"',
    'null',
    '~',
    'true',
    '0123',
    '1e3',
    '12345678901234567890',
    'key: value',
    '@handle',
    '!important',
    '%d of %d',
    '- dash',
    '50% {off}',
    '{{name}}',
    '`tick`',
    '5 # five',
    '',
    ' ',
    '\t',
    '\r\n',
    '[a, b]',
    '{a: 1}',
    '*alias',
    '&anchor x',
    '!Env HOME',
    '!TextFile /etc/hostname',
    '---\na',
    'a=b',
    '{ __proto__: { x: 1 } }',
    '|',
    '> x',
  ];

  test.each(texts)('for %j after --set', async (text) => {
    expect((await valuesOf({ set: [`component.title=${text}`] })).title).toBe(text);
    expect((await valuesOf({ set: [`component.tls.key=${text}`] })).tls?.key).toBe(text);
    expect((await valuesOf({ set: [`component.texts.a=${text}`] })).texts).toEqual({ a: text });
    expect((await valuesOf({ set: [`component.mirrors.0=${text}`] })).mirrors).toEqual([text, 'two']);
  });

  test.each(texts)('for %j in an ASPHALT_SET_… variable', async (text) => {
    expect((await valuesOf({ env: { ASPHALT_SET_TITLE: `component.title=${text}` } })).title).toBe(text);
  });

  test.each(texts.filter((text) => text !== ''))('for %j in a variable of a schema', async (text) => {
    expect((await valuesOf({ env: { APP_TITLE: text } })).title).toBe(text);
  });

  test.each(texts.filter((text) => text !== '' && text !== 'null'))('for %j and a Standard Schema', async (text) => {
    expect((await valuesOf({ set: [`component.text=${text}`] })).text).toBe(text);
  });

  test('for random text', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'{}[],:#&*!|>\'"%@`-? \n\r\tab0'.split('')) }),
    );
    await fc.assert(
      fc.asyncProperty(
        text.filter((it) => !it.includes('\0')),
        async (it) => {
          const config = await configOf({ set: [`component.title=${it}`, `component.tls.key=${it}`] });
          const { value, problems } = await validated(options, config);
          expect(problems).toEqual([]);
          expect([value.title, value.tls?.key]).toEqual([it, it]);
        },
      ),
    );
  });

  test('over null or a string of a file, even if it looks like a mapping or a list', async () => {
    const yaml = 'component: { title: null, tls: { key: x, cert: y } }';
    const { title, tls } = await valuesOf({ yaml, set: ['component.title={a: 1}', 'component.tls.key=[a]'] });
    expect([title, tls]).toEqual(['{a: 1}', { key: '[a]', cert: 'y', hosts: undefined }]);
  });
});

test('other formats read text after --set as strictly as variables', async () => {
  const set = ['n=7', 'on=true', 'wait=1.5h', 'size=10kb', 'pattern=[a-z]', 'mode={fast}', 'anything={a: [1, x]}'];
  const values = await valuesOf({ set: set.map((it) => `component.${it}`) });
  const pattern = expect.objectContaining({ source: '[a-z]' });
  expect(values).toMatchObject({
    n: 7,
    on: true,
    wait: 5_400_000,
    size: 10_000,
    mode: '{fast}',
    anything: { a: [1, 'x'] },
  });
  expect(values.pattern).toEqual(pattern);
  expect((await valuesOf({ set: ['component.anything.b=2', 'component.anything.c=02'] })).anything).toEqual({
    b: 2,
    c: '02',
  });
});

test('an empty text and null after --set unset an option that is not a string', async () => {
  const yaml = 'component: { n: 1, mirrors: [a], tls: { cert: x } }';
  const { n, mirrors, tls } = await valuesOf({
    yaml,
    set: ['component.n=', 'component.mirrors=null', 'component.tls='],
  });
  expect([n, mirrors, tls]).toEqual([undefined, ['one', 'two'], undefined]);
});

test('a YAML mapping after --set can unset a string option and contain tags', async () => {
  const yaml = 'component: { title: x }';
  expect((await valuesOf({ yaml, set: ['component={ title: null }'] })).title).toBeUndefined();
  const env = { SOME_NAME: 'from the environment' };
  expect((await valuesOf({ yaml, env, set: ['component={ title: !Env SOME_NAME }'] })).title).toBe(env.SOME_NAME);
});

test.each([
  ['n=5 # five', 'must be a whole number, got "5 # five"'],
  ['n="5"', 'must be a whole number, got "\\"5\\""'],
  ['n=0x10', 'must be a whole number, got "0x10"'],
  ['on=yes', 'must be `true` or `false`, got "yes"'],
  ['on=TRUE', 'must be `true` or `false`, got "TRUE"'],
  ['wait=1h30m', 'must be a duration such as "250ms", "10s" or "5m", got "1h30m"'],
  ['wait=1x', 'must be a duration such as "250ms", "10s" or "5m", got "1x"'],
  ['mirrors=a,b', 'must be a list, got a string'],
  ['mirrors=[a, b', 'must be a list: it is not valid YAML'],
  ['mirrors=[a, b] # c', 'must be a list: it contains a comment'],
  ['tls={key: abc #def\n}', 'must be a mapping of options: it contains a comment'],
  ['tls={key: one\ntwo}', 'must be a mapping of options: it contains text of several lines, which YAML would join'],
  ['tls={ __proto__: 1 }', 'must be a mapping of options: key `__proto__` has a name that is reserved in JavaScript'],
])('--set %j is rejected', async (set, message) => {
  expect(await messageOf({ set: [`component.${set}`] })).toContain(message);
});

test.each([
  [{ APP_MIRRORS: 'a,b' }, '`component.mirrors` must be a list, got a string'],
  [{ APP_MIRRORS: 'a,b' }, 'commas alone do not make a list: write it as JSON, such as ["a", "b"]'],
  [{ APP_TLS: '{"key":"a","key":"b"}' }, '`component.tls` must be a mapping of options: it contains a duplicate key'],
  [{ APP_LIMITS: '{"a":"1s","a":"2s"}' }, '`component.limits` must be a mapping: it contains a duplicate key'],
  [{ APP_MIRRORS: '[{"a":1,"\\u0061":1}]' }, '`component.mirrors` must be a list: it contains a duplicate key'],
  [{ APP_TLS: '{"key":' }, '`component.tls` must be a mapping of options, got a string'],
  [{ APP_N: '12\r' }, '`component.n` must be a whole number, got "12\\r"'],
  [{ APP_N: ' 12 ' }, '`component.n` must be a whole number, got " 12 "'],
  [{ APP_ON: '1' }, '`component.on` must be `true` or `false`, got "1"'],
])('the variable in %j is rejected', async (env, message) => {
  expect(await messageOf({ env })).toContain(message);
});

test('a fraction of a unit is a size if it is a whole number of bytes', async () => {
  expect((await valuesOf({ set: ['component.size=2.3mb'] })).size).toBe(2_300_000);
  expect((await valuesOf({ set: ['component.size=4.1MB'] })).size).toBe(4_100_000);
  expect((await valuesOf({ set: ['component.size=1.1kb'] })).size).toBe(1_100);
  expect(await messageOf({ set: ['component.size=1.0005kb'] })).toContain('must be a size');
});

test('descriptions show the text after --set', async () => {
  const config = await configOf({ set: ['component.title={a: 1}', 'component.n=007'] });
  const descriptions = rootOptionsOf(await described(options, config));
  const shown = ['title', 'n'].map((name) => descriptions.find((option) => option.name === name)?.sources);
  expect(shown).toEqual([[{ from: '--set', value: '{a: 1}' }], [{ from: '--set', value: '007' }]]);
});

describe('an index after --set changes the list', () => {
  const yaml = 'component: { mirrors: [x, y, z] }';

  test.each<[string, Source, readonly string[]]>([
    ['the default', {}, ['first', 'two']],
    ['a file', { yaml }, ['first', 'y', 'z']],
    ['code', { rootOptions: { mirrors: ['c', 'd'] } }, ['first', 'd']],
    ['a variable', { env: { APP_MIRRORS: '["a","b"]' } }, ['first', 'b']],
    ['a variable over a file', { yaml, env: { APP_MIRRORS: '["a","b"]' } }, ['first', 'b']],
    ['ASPHALT_SET_…', { yaml, env: { ASPHALT_SET_A: 'component.mirrors=[a, b, c]' } }, ['first', 'b', 'c']],
    [
      'ASPHALT_SET_… with an index',
      { env: { APP_MIRRORS: '["a"]', ASPHALT_SET_A: 'component.mirrors.1=b' } },
      ['first', 'b'],
    ],
  ])('of %s', async (_, source, mirrors) => {
    expect((await valuesOf({ ...source, set: ['component.mirrors.0=first'] })).mirrors).toEqual(mirrors);
  });

  test('in order, and appends after the last item', async () => {
    const set = ['component.mirrors.2=three', 'component.mirrors.3=four', 'component.mirrors.0=one!'];
    expect((await valuesOf({ set })).mirrors).toEqual(['one!', 'two', 'three', 'four']);
    expect((await valuesOf({ env: { APP_MIRRORS: '["a"]' }, set: ['component.mirrors.1=b'] })).mirrors).toEqual([
      'a',
      'b',
    ]);
  });

  test('in a section, in a section from a variable, and in a list of sections', async () => {
    const env = { APP_TLS: '{"hosts":["a","b"]}' };
    expect((await valuesOf({ env, set: ['component.tls.hosts.1=c'] })).tls?.hosts).toEqual(['a', 'c']);
    expect((await valuesOf({ set: ['component.tls.hosts.0=a'] })).tls?.hosts).toEqual(['a']);
    expect((await valuesOf({ set: ['component.servers.0.port=2'] })).servers).toEqual([{ host: 'here', port: 2 }]);
  });

  test('and is rejected beyond the end of the list', async () => {
    expect(await messageOf({ set: ['component.mirrors.3=x'] })).toMatchInlineSnapshot(`
      "\`component.mirrors\` has no item \`3\`
        from         --set
        help         use 0 to 1, or 2 to append
        code         ERR_CONFIG_INVALID"
    `);
    expect(await messageOf({ env: { APP_MIRRORS: '[]' }, set: ['component.mirrors.1=x'] })).toMatchInlineSnapshot(`
      "\`component.mirrors\` has no item \`1\`
        from         --set
        help         the list is empty: use 0
        code         ERR_CONFIG_INVALID"
    `);
    const error = await errorOf(() => configOf({ yaml, set: ['component.mirrors.4=x'] }));
    expect(error.message).toMatchInlineSnapshot(`
      "Cannot set \`component.mirrors.4\`: \`4\` is not an index of the list \`component.mirrors\`
        help         use 0 to 2, or 3 to append
        code         ERR_CONFIG_SET"
    `);
  });

  const Mirrors = token<readonly string[]>('Mirrors');

  test('of a child component with options from code', async () => {
    @component({ config: options })
    class Site extends Component<typeof options> {
      @provides(Mirrors) list(): readonly string[] {
        return this.config.mirrors;
      }
    }
    @component({ components: { site: child(Site, { mirrors: ['a', 'b'] }) } })
    class App extends Component {}
    const config = await configOf({ set: ['component.components.site.mirrors.1=x'] });
    await using app = await startApplication(App, { config });
    expect(app.context.getResourceSync(Mirrors)).toEqual(['a', 'x']);
  });
});

describe('JSON in the variable of a section', () => {
  const yaml = 'component: { tls: { cert: from-file }, limits: { a: 1s } }';

  test('is merged with files like any layer', async () => {
    const env = { APP_TLS: '{"key":"k"}', APP_LIMITS: '{"b":"5s"}' };
    expect(await valuesOf({ yaml, env })).toMatchObject({
      tls: { key: 'k', cert: 'from-file' },
      limits: { a: 1000, b: 5000 },
    });
  });

  test('is overridden by the variable of a single option and by --set', async () => {
    const env = { APP_TLS: '{"key":"k","cert":"c"}', APP_KEY: 'kk' };
    expect((await valuesOf({ yaml, env, set: ['component.tls.cert=set'] })).tls).toMatchObject({
      key: 'kk',
      cert: 'set',
    });
    expect((await valuesOf({ yaml, env, set: ['component.tls={cert: set}'] })).tls).toMatchObject({
      key: 'kk',
      cert: 'set',
    });
  });

  test('is extended by --set for one entry of a mapping', async () => {
    const env = { APP_LIMITS: '{"a":"5s"}' };
    expect((await valuesOf({ env, set: ['component.limits.db/main=2s', 'component.limits.a\\.b=3s'] })).limits).toEqual(
      {
        a: 5000,
        'db/main': 2000,
        'a.b': 3000,
      },
    );
  });

  test('is the origin only of its own values', async () => {
    const env = { APP_TLS: '{"key":[],"unknown":1}' };
    const file = 'component: { tls: { cert: [1], other: 2 } }';
    const { problems } = await validated(options, await configOf({ yaml: file, env }));
    const messages = problems.map(({ path, from }) => `${path} ${from}`);
    expect(messages).toEqual([
      'component.tls.other app.yaml:1:32',
      'component.tls.unknown environment variable APP_TLS',
      'component.tls.key environment variable APP_TLS',
      'component.tls.cert app.yaml:1:21',
    ]);
  });

  test('is shown as the origin of its values in descriptions', async () => {
    const config = await configOf({ yaml, env: { APP_TLS: '{"key":"k"}' } });
    const tls = rootOptionsOf(await described(options, config)).find(({ name }) => name === 'tls');
    expect(tls?.options.map(({ name, sources }) => [name, sources.map(({ from }) => from)])).toEqual([
      ['key', ['environment variable APP_TLS']],
      ['cert', ['app.yaml:1:21', 'default']],
      ['hosts', []],
    ]);
  });
});
