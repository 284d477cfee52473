import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const packages = fileURLToPath(new URL('../../..', import.meta.url));

const files = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': '{ "extends": "@asphalt/core/tsconfig.json" }',
  'app.ts': `
    import { Component, component, defineConfig } from '@asphalt/core';
    const tls = defineConfig({
      min: { doc: 'Lowest version', format: ['1.2', '1.3'], default: '1.3' },
      key: { doc: 'Private key', format: 'string', sensitive: true },
    });
    export const options = defineConfig({
      port: { doc: 'Port to listen on', format: 'port', default: 8000, env: 'PORT' },
      password: { doc: 'Password | of the login', format: 'string', sensitive: true, env: 'PASSWORD' },
      tls: { doc: 'How to encrypt', format: tls },
      host: { doc: 'Address', format: 'string', deprecated: 'use listen' },
    });
    @component({ config: options, description: 'Serves pages' })
    export class Web extends Component<typeof options> {}
    @component({ components: { web: Web }, types: { web: Web } })
    export class App extends Component {}
  `,
  'asphalt.yaml': `x-note: { any: 1 }
component:
  type: ./app.ts:App
  components:
    web:
      port: 80
      password: hunter2
      tls: { key: hunter2 }
startTimeout: 5s
`,
  'staging.yaml': 'component: { components: { web: { port: 81, password: hunter3, host: here } } }\n',
  'wrong.yaml':
    'component: { components: { web: { port: 80a, password: [hunter2], pasword: hunter2, tls: hunter2 } } }\n',
  'broken.yaml': 'component:\n  password: "hunter2\n',
  'asphalt.config.ts': `
    import { defineApp, section } from '@asphalt/core';
    import { App, Web } from './app.ts';
    export default defineApp({ component: section(App, { components: { 'web/b': section(Web, { port: 82 }) } }) });
  `,
};

let folder = '';

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'asphalt-cli-config-')));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, 'node_modules/@asphalt'), { recursive: true });
  symlinkSync(join(packages, 'core'), join(folder, 'node_modules/@asphalt/core'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface ProcessOptions {
  readonly env?: Record<string, string>;
  readonly input?: string;
}

function config(args: readonly string[], options: ProcessOptions = {}) {
  return asphalt(['config', ...args], options);
}

function asphalt(args: readonly string[], { env = {}, input = '' }: ProcessOptions = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(packages, 'cli/bin/asphalt.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    input,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
  });
  return { status, stdout, stderr };
}

test('show prints the effective values and unused keys, with secrets masked', () => {
  const { status, stdout, stderr } = config(['show', 'asphalt.yaml', 'staging.yaml', '--set', 'stopTimeout=1s']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatchInlineSnapshot(`
    "component:
      type: "./app.ts:App"
      components:
        web:
          type: Web
          port: 81
          password: "***"
          tls:
            min: "1.3"
            key: "***"
          host: here
    startTimeout: 5000
    stopTimeout: 1000
    # unused: x-note (asphalt.yaml:1:1)
    # \`component.components.web.host\` is deprecated (staging.yaml:1:64): use listen
    "
  `);
});

test('show and graph mark disabled components', () => {
  const args = ['asphalt.yaml', '--set', 'component.components.web.enabled=false'];
  const { stdout } = config(['show', ...args]);
  expect(stdout).toContain('# disabled: web (--set)\n');
  expect(stdout).not.toContain('hunter2');
  expect(asphalt(['graph', ...args]).stdout).toBe('App\n└─ web (disabled)\n');
  expect(JSON.parse(asphalt(['graph', '--format', 'json', ...args]).stdout)).toMatchObject({
    disabled: [{ path: 'web', alias: 'web', parent: '' }],
  });
});

test('show --env-file reads variables below the environment, with the file and the line as their origin', () => {
  writeFileSync(join(folder, '.env'), '# login\nPASSWORD=hunter4\nPORT=91\n');
  const { status, stdout } = config(['show', '--origin', '--env-file', '.env', 'asphalt.yaml']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/port: 91 +# environment variable PORT in \.env:3/);
  expect(stdout).toMatch(/password: "\*\*\*" +# environment variable PASSWORD in \.env:2/);
  expect(stdout).not.toContain('hunter');
  const { stdout: above } = config(['show', '--env-file', '.env', 'asphalt.yaml'], { env: { PORT: '92' } });
  expect(above).toContain('port: 92');
  // Node itself reports a missing file before the command runs.
  const missing = config(['show', '--env-file', 'missing.env', 'asphalt.yaml']);
  expect(missing.status).not.toBe(0);
  expect(missing.stderr).toContain('missing.env');
});

test('show --origin adds the origin of each value', () => {
  const { stdout } = config(['show', '--origin', 'asphalt.yaml'], {
    env: { PORT: '90', ASPHALT_SET_A: 'stopTimeout=2' },
  });
  expect(stdout).toMatchInlineSnapshot(`
    "component:
      type: "./app.ts:App"  # asphalt.yaml:3:3
      components:
        web:
          type: Web         # set in code
          port: 90          # environment variable PORT
          password: "***"   # asphalt.yaml:7:7
          tls:
            min: "1.3"      # default
            key: "***"      # asphalt.yaml:8:14
          host: null        # not set
    startTimeout: 5000      # asphalt.yaml:9:1
    stopTimeout: 2          # environment variable ASPHALT_SET_A
    # unused: x-note (asphalt.yaml:1:1)
    "
  `);
});

test('show --origin PATH lists the values of every layer', () => {
  const key = 'component.components.web.port';
  const { stdout } = config(['show', 'asphalt.yaml', 'staging.yaml', '--origin', key], { env: { PORT: '90' } });
  expect(stdout).toMatchInlineSnapshot(`
    "component.components.web.port
      "90"  environment variable PORT
      81    staging.yaml:1:35
      80    asphalt.yaml:6:7
      8000  default
    "
  `);
  const { stdout: secret } = config(
    ['show', 'asphalt.yaml', 'staging.yaml', '--origin', 'component.components.web.password'],
    {
      env: { PASSWORD: 'hunter4' },
    },
  );
  expect(secret).toMatchInlineSnapshot(`
    "component.components.web.password
      "***"  environment variable PASSWORD
      "***"  staging.yaml:1:45
      "***"  asphalt.yaml:7:7
    "
  `);
  const unknown = config(['show', 'asphalt.yaml', '--origin', `${key}s`]);
  expect([unknown.status, unknown.stdout]).toEqual([1, '']);
  expect(unknown.stderr.trim()).toMatchInlineSnapshot(`
    "Unknown option \`component.components.web.ports\`
      help         did you mean \`component.components.web.port\`?
      code         ERR_CONFIG_OPTION"
  `);
});

test('show reads standard input and TypeScript', () => {
  const input = 'component: { components: { web: { port: 83 } } }';
  const { status, stdout } = config(['show', 'asphalt.config.ts', '-', '--origin'], { input });
  expect(status).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "component:
      type: App           # asphalt.config.ts
      components:
        web:
          type: Web       # set in code
          port: 83        # standard input:1:35
          password: null  # not set
          tls: null       # not set
          host: null      # not set
        web/b:
          type: Web       # asphalt.config.ts
          port: 82        # asphalt.config.ts
          password: null  # not set
          tls: null       # not set
          host: null      # not set
    "
  `);
});

test('show reports all problems and exits with 1', () => {
  const { status, stderr } = config(['show', 'asphalt.yaml', 'wrong.yaml']);
  expect(status).toBe(1);
  expect(stderr.trim()).toMatchInlineSnapshot(`
    "The application cannot start: 4 problems
      1. \`component.components.web.pasword\` is not a known option
           from         wrong.yaml:1:67
                        1 │ … pasword: …
                          │   ^
           help         did you mean \`component.components.web.password\`?
           code         ERR_CONFIG_INVALID
      2. \`component.components.web.port\` must be a whole number from 0 to 65535, got "80a"
           from         wrong.yaml:1:35 (overrides asphalt.yaml:6:7)
                        1 │ … port: 80a …
                          │   ^
           code         ERR_CONFIG_INVALID
      3. \`component.components.web.password\` must be a string
           from         wrong.yaml:1:46 (overrides asphalt.yaml:7:7)
                        1 │ … password: …
                          │   ^
           code         ERR_CONFIG_INVALID
      4. \`component.components.web.tls\` must be a mapping of options
           from         wrong.yaml:1:85 (overrides asphalt.yaml:8:7)
                        1 │ … tls: …
                          │   ^
           code         ERR_CONFIG_INVALID
      code         ERR_PLAN"
  `);
});

test('the error about an unreadable file does not show its content', () => {
  const { status, stderr } = config(['show', 'broken.yaml']);
  expect(status).toBe(1);
  expect(stderr.trim()).toMatchInlineSnapshot(`
    "Cannot read broken.yaml: it is not valid YAML (line 3)
      at           broken.yaml:3:1
                   3 │ 
                     │ ^
      note         Missing closing "quote
      code         ERR_CONFIG_FILE"
  `);
});

test('docs documents every option, even of an invalid configuration', () => {
  const { status, stdout } = config(['docs', 'asphalt.yaml', 'wrong.yaml']);
  expect(status).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "top level  (Settings of the application)
      startTimeout    duration
                      Time limit for the start of the application
      stopTimeout     duration
                      Time limit for the stop of the application
      logging         section
                      Level, format and file of the log, or only a level
      logging.level   "debug" | "info" | "warn" | "error" | "silent", default info
                      Lowest level that is written
      logging.levels  mapping of "debug" | "info" | "warn" | "error" | "silent", default {}
                      Levels by component path; each also applies to child components
      logging.format  "pretty" | "json"
                      Readable lines, or one JSON object per line; JSON by default in production
      logging.file    path
                      File to append to, instead of standard output

    component  (App)
      no options

    component.components.web  (Web)
      Serves pages
      port      port, default 8000, variable PORT
                Port to listen on
      password  string, variable PASSWORD, sensitive
                Password | of the login
      tls       section
                How to encrypt
      tls.min   "1.2" | "1.3", default "1.3"
                Lowest version
      tls.key   string, sensitive
                Private key
      host      string, deprecated: use listen
                Address
    "
  `);
});

test('docs --markdown prints Markdown tables', () => {
  expect(config(['docs', '--markdown', 'asphalt.yaml']).stdout).toMatchInlineSnapshot(`
    "## Settings of the application

    | option | type | default | variable | description |
    | --- | --- | --- | --- | --- |
    | \`startTimeout\` | duration |  |  | Time limit for the start of the application |
    | \`stopTimeout\` | duration |  |  | Time limit for the stop of the application |
    | \`logging\` | section |  |  | Level, format and file of the log, or only a level |
    | \`logging.level\` | "debug" \\| "info" \\| "warn" \\| "error" \\| "silent" | \`info\` |  | Lowest level that is written |
    | \`logging.levels\` | mapping of "debug" \\| "info" \\| "warn" \\| "error" \\| "silent" | \`{}\` |  | Levels by component path; each also applies to child components |
    | \`logging.format\` | "pretty" \\| "json" |  |  | Readable lines, or one JSON object per line; JSON by default in production |
    | \`logging.file\` | path |  |  | File to append to, instead of standard output |

    ## \`component\` (App)

    No options.

    ## \`component.components.web\` (Web)

    Serves pages

    | option | type | default | variable | description |
    | --- | --- | --- | --- | --- |
    | \`port\` | port | \`8000\` | \`PORT\` | Port to listen on |
    | \`password\` | string |  | \`PASSWORD\` | Password \\| of the login. Sensitive |
    | \`tls\` | section |  |  | How to encrypt |
    | \`tls.min\` | "1.2" \\| "1.3" | \`"1.3"\` |  | Lowest version |
    | \`tls.key\` | string |  |  | Private key. Sensitive |
    | \`host\` | string |  |  | Address. Deprecated: use listen |
    "
  `);
});

test('schema prints a JSON Schema', () => {
  const { status, stdout } = config(['schema', 'asphalt.yaml']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ title: 'Configuration of App', properties: { component: {} } });
});

const servicesFile = `component: { type: ./app.ts:App }
services:
  default: { stopTimeout: 1s }
  web: { component: { type: ./app.ts:Web, port: 80 } }
  empty: {}
`;

test('show names the other services and does not report their sections as unused', () => {
  writeFileSync(join(folder, 'services.yaml'), servicesFile);
  expect(config(['show', 'services.yaml', '-s', 'web']).stdout).toMatchInlineSnapshot(`
    "component:
      type: "./app.ts:Web"
      port: 80
      password: null
      tls: null
      host: null
    # service: web (others: default, empty)
    "
  `);
});

test('schema covers the components of all services', () => {
  writeFileSync(join(folder, 'services.yaml'), servicesFile);
  const { status, stdout, stderr } = config(['schema', 'services.yaml']);
  expect([status, stderr.split('\n')[0]]).toEqual([1, 'Service "empty" has no `component`']);
  expect(JSON.parse(stdout)).toMatchObject({
    title: 'Configuration of App, Web',
    properties: {
      component: { properties: { components: { properties: { web: {} } } } },
      services: {
        properties: {
          default: { properties: { component: { $ref: '#/properties/component' } } },
          web: { properties: { component: { properties: { port: {} } } } },
        },
      },
    },
  });
  const only = JSON.parse(config(['schema', 'services.yaml', '-s', 'web']).stdout) as { title: string };
  expect(only.title).toBe('Configuration of Web');
});

test('diff lists the options that differ', () => {
  const { status, stdout } = config(['diff', '--base', 'asphalt.yaml', 'asphalt.yaml', 'staging.yaml']);
  expect(status).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "component.components.web.port
      - 80  (asphalt.yaml:6:7)
      + 81  (staging.yaml:1:35)
    component.components.web.password
      - "***"  (asphalt.yaml:7:7)
      + "***"  (staging.yaml:1:45)
    component.components.web.host
      - (not set)
      + here  (staging.yaml:1:64)
    "
  `);
  expect(config(['diff', 'asphalt.yaml', 'asphalt.yaml']).stdout).toBe('No option differs\n');
});

test('diff of files without a root component fails and suggests --base', () => {
  const { status, stdout, stderr } = config(['diff', 'staging.yaml', 'asphalt.yaml']);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr.trim()).toMatchInlineSnapshot(`
    "Cannot compare staging.yaml: the root component is not specified
      help         name the files below both configurations: --base asphalt.yaml
                   or specify the class of the root component: --set component.type=./app.ts:App
      code         ERR_CONFIG_BASE"
  `);
});

test('a missing component module and one that fails while loading have different errors', () => {
  writeFileSync(join(folder, 'fails.ts'), 'throw new Error("out of order");');
  const summaryOf = (type: string) =>
    config(['docs', '--set', `component.type=${type}`])
      .stderr.trim()
      .split('\n')[0]
      ?.replace(folder, '');
  expect(['./gone.ts:App', './fails.ts:App', './app.ts:Ap', './app.ts:options'].map(summaryOf)).toMatchInlineSnapshot(`
    [
      "Cannot load the component type "./gone.ts:App": file /gone.ts does not exist",
      "Cannot load the component type "./fails.ts:App": ./fails.ts failed to load: Error: out of order",
      "Cannot load the component type "./app.ts:Ap": ./app.ts has no export "Ap"",
      ""./app.ts:options" is an object, not a component class",
    ]
  `);
});

test.each([
  ['an empty file', 'a.yaml', ''],
  ['a list at the root', 'a.yaml', '- 1\n'],
  ['a missing file', 'missing.yaml', undefined],
  ['a missing !TextFile', 'a.yaml', 'component: { type: !TextFile no.txt }\n'],
  ['a syntax error', 'a.yaml', 'component: [1\n'],
  ['an unknown key at the top level', 'a.yaml', 'componet: {}\ncomponent: { type: ./app.ts:App }\n'],
  ['an unknown option', 'a.yaml', 'component: { type: ./app.ts:Web, colour: red }\n'],
  ['no component in the service', 'a.yaml', 'services: { default: }\n'],
  ['no type of the root component', 'a.yaml', 'component: {}\n'],
  ['services that are not a mapping', 'a.yaml', 'services: blah\n'],
  ['an empty mapping of services', 'a.yaml', 'services: {}\n'],
  ['bytes that are not text', 'a.yaml', Buffer.from([0x61, 0xff])],
])('run ends with 1 and a line about %s', (_, name, content) => {
  if (content !== undefined) writeFileSync(join(folder, name), content);
  const { status, stderr } = asphalt(['run', name]);
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')[0]).toMatchSnapshot();
});

test('run ends with 1 if --set contains no "=" or the service does not exist', () => {
  const set = asphalt(['run', 'asphalt.yaml', '--set', 'foobar']);
  const service = asphalt(['run', 'asphalt.yaml', '--service', 'foobar']);
  expect([set.status, service.status]).toEqual([1, 1]);
  expect([set, service].map(({ stderr }) => stderr.trim().split('\n')[0])).toMatchInlineSnapshot(`
    [
      "Cannot read \`--set foobar\`: it contains no "="",
      "Service "foobar" is not defined",
    ]
  `);
});

test('run passes environment variables, texts and bytes of tags to a component', () => {
  writeFileSync(join(folder, 'text.txt'), 'some text');
  writeFileSync(join(folder, 'bytes.bin'), Buffer.from([0, 255]));
  writeFileSync(
    join(folder, 'reader.ts'),
    `import { Component, component, defineConfig } from '@asphalt/core';
    const doc = 'Some option';
    const options = defineConfig({
      env: { doc, format: 'string' }, text: { doc, format: 'string' }, bytes: { doc, format: 'binary' },
    });
    @component({ config: options })
    export class Reader extends Component<typeof options> {
      override *ready() {
        const { env, text, bytes } = this.config;
        console.log(JSON.stringify({ env, text, bytes: [...(bytes ?? [])] }));
        const timer = setInterval(() => undefined, 60_000);
        setImmediate(() => process.kill(process.pid, 'SIGTERM'));
        yield;
        clearInterval(timer);
      }
    }`,
  );
  writeFileSync(
    join(folder, 'reader.yaml'),
    'component: { type: ./reader.ts:Reader, env: !Env SOME, text: !TextFile text.txt, bytes: !BinaryFile bytes.bin }\n',
  );
  const { status, stdout } = asphalt(['run', 'reader.yaml'], { env: { SOME: 'thing' } });
  expect(stdout).toContain('{"env":"thing","text":"some text","bytes":[0,255]}');
  expect(status).toBe(0);
});

// A global check of the test setup fails the test if the output contains one of the secrets of `wrong.yaml`.
test.each([
  ['check', '--format', 'json'],
  ['check', '--format', 'sarif'],
  ['graph', '--format', 'json'],
  ['graph', '--format', 'svg'],
  ['run'],
])('no command prints secrets of an invalid configuration: %s', (...command) => {
  const { stdout, stderr } = asphalt([...command, 'asphalt.yaml', 'wrong.yaml'], { env: { PASSWORD: 'hunter5' } });
  expect(stdout + stderr).toContain('web');
});

test('show and diff print a tag instead of its value, with and without origins', () => {
  writeFileSync(join(folder, 'secret.txt'), 'hunter2\n');
  const tagged = 'component: { components: { web: { host: !Env SECRET, port: !Env PORT_OF_WEB, tls: { key: x } } } }\n';
  writeFileSync(join(folder, 'tagged.yaml'), tagged);
  const env = { SECRET: 'hunter2', PORT_OF_WEB: '8080' };
  const shown = config(['show', '--origin', 'asphalt.yaml', 'tagged.yaml'], { env });
  expect(shown.stdout).toMatch(/ host: !Env SECRET +# tagged.yaml:1:\d+ \(!Env SECRET\)\n/);
  expect(shown.stdout).toMatch(/ port: !Env PORT_OF_WEB +# tagged.yaml:1:\d+ \(!Env PORT_OF_WEB\)\n/);
  const { stdout } = config(['show', '--origin', 'component.components.web.port', 'asphalt.yaml', 'tagged.yaml'], {
    env,
  });
  expect(stdout).toMatch(/ !Env PORT_OF_WEB +tagged.yaml:1:\d+ \(!Env PORT_OF_WEB\)\n {2}80 +asphalt.yaml:6:7\n/);
  expect(config(['diff', 'asphalt.yaml', 'tagged.yaml', '--base', 'asphalt.yaml'], { env }).stdout).toContain(
    '  + !Env PORT_OF_WEB  (tagged.yaml:1:',
  );
});

// The application of the previous test prints its options as JSON.
test.each(['abc #def', 'one\ntwo\n', '"quoted"', '- {{a}}', '!Env HOME', 'null'])(
  'run passes the text %j unchanged from --set or a variable to a component',
  (text) => {
    const reader = 'component: { type: ./reader.ts:Reader, env: x, text: x }\n';
    writeFileSync(join(folder, 'typed.yaml'), reader);
    const typed = asphalt(['run', 'typed.yaml', '--set', `component.env=${text}`], {
      env: { ASPHALT_SET_TEXT: `component.text=${text}` },
    });
    expect(typed.stdout).toContain(JSON.stringify({ env: text, text, bytes: [] }));
    expect(typed.status).toBe(0);
  },
);
