/** Builds small applications with the real command, and compares them with the same applications unbuilt. */
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { appWith, asphalt, start, useAsphalt, type Ended, type ProcessOptions } from '../asphalt-process.ts';

useAsphalt();

// A build takes some seconds.
vi.setConfig({ testTimeout: 90_000 });

const source = `
import { component, Component, defineConfig, inject, provides } from '@asphalt/core';

const databaseOptions = defineConfig({
  host: { doc: 'Server', format: 'string', required: true },
  port: { doc: 'Port', format: 'port', default: 5432, env: 'DATABASE_PORT' },
  password: { doc: 'Password', format: 'string', sensitive: true, default: '', env: 'DATABASE_PASSWORD' },
});

class Database {
  constructor(readonly text: string) {}
}

@component({ config: databaseOptions })
class DatabaseComponent extends Component<typeof databaseOptions> {
  @provides(Database)
  *database(): Generator<Database> {
    const { host, port, password } = this.config;
    yield new Database(\`\${host}:\${port} with \${password.length} characters\`);
    this.logger.info('Closed');
  }
}

const options = defineConfig({
  fails: { doc: 'Whether the start fails', format: 'boolean', default: false },
  token: { doc: 'Token', format: 'string', default: 'none' },
});

@component({ config: options, components: { database: DatabaseComponent } })
export class App extends Component<typeof options> {
  @inject(Database) readonly database!: Database;

  override async start(): Promise<void> {
    this.logger.info(\`\${this.database.text}, token \${this.config.token}\`);
    if (this.config.fails) this.fail();
    setImmediate(() => process.kill(process.pid, 'SIGTERM'));
  }

  fail(): void {
    throw new Error('It failed');
  }
}
`;

const yaml = `
component:
  type: ./src/app.ts:App
  token: !Env TOKEN
  components:
    database:
      host: !Env { name: DATABASE_HOST, default: localhost }
`;

const files = { 'src/app.ts': source, 'asphalt.yaml': yaml };

async function built(app: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<string> {
  const folder = appWith(app);
  const ended = await asphalt(folder, ['build', 'asphalt.yaml', '--no-warm', ...args]);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return folder;
}

/** Runs the built application in a folder. */
function runBuilt(folder: string, args: readonly string[] = [], options: ProcessOptions = {}): Promise<Ended> {
  return asphalt(folder, args, { ...options, program: join(folder, 'dist/main.js') });
}

/** Runs an application unbuilt and built with the same arguments. Expects the same output. @returns the output */
async function runBoth(folder: string, args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  const unbuilt = await asphalt(folder, ['run', 'asphalt.yaml', ...args], options);
  expect(await runBuilt(folder, args, options)).toEqual(unbuilt);
  return unbuilt;
}

describe('a built application', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await built(files);
  }, 90_000);

  test('prints the same lines and errors as the unbuilt one, with the places of the sources', async () => {
    const { stdout, code } = await runBoth(folder, []);
    expect(code).toBe(0);
    expect(stdout).toContain('localhost:5432 with 0 characters, token none');
    const env = { TOKEN: 'secret', DATABASE_PORT: '1' };
    expect((await runBoth(folder, [], { env })).stdout).toContain('localhost:1 with 0 characters, token secret');
    const failed = await runBoth(folder, ['--set', 'component.fails=true']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('at App.fail (src/app.ts:40:11)');
    await runBoth(folder, ['--set', 'component.components.database.port=80a']);
    await runBoth(folder, ['--set', 'component.components.nope.x=1']);
  });

  test('runs without its sources, packages and configuration', async () => {
    const moved = appWith({});
    cpSync(join(folder, 'dist'), join(moved, 'dist'), { recursive: true });
    rmSync(join(moved, 'node_modules'), { recursive: true });
    expect(await runBuilt(moved)).toMatchObject({ code: 0, stderr: '' });
  });

  test('layers files that are given at startup above its own', async () => {
    const set = await built(files, ['--set', 'component.components.database.port=7']);
    writeFileSync(
      join(set, 'more.yaml'),
      'component: { token: more, components: { database: { host: other, port: 8 } } }',
    );
    writeFileSync(join(set, '.env'), 'DATABASE_PASSWORD=abc');
    const { stdout } = await runBuilt(set, ['more.yaml', '--env-file', '.env']);
    expect(stdout).toContain('other:7 with 3 characters, token more');
    const last = await runBuilt(set, ['more.yaml', '--set', 'component.components.database.port=9']);
    expect(last.stdout).toContain('other:9 with 0 characters, token more');
  });

  test('reports a usage error with exit code 2, and prints its help', async () => {
    expect(await runBuilt(folder, ['--nope'])).toMatchObject({
      code: 2,
      stderr: "Unknown option '--nope'\nRun `node main.js --help` for usage.\n",
    });
    const { code, stdout } = await runBuilt(folder, ['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--fail-on-blocking <limit>');
  });

  test('reads the files of tags when it starts', async () => {
    const text =
      'component:\n  type: ./src/app.ts:App\n  token: !TextFile token.txt\n  components: { database: { host: h } }\n';
    const other = await built({ ...files, 'asphalt.yaml': text });
    const missing = await runBoth(other, []);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('Cannot read asphalt.yaml: !TextFile token.txt: there is no such file (line 3)');
    writeFileSync(join(other, 'token.txt'), 'from a file\n');
    expect((await runBoth(other, [])).stdout).toContain('token from a file');
  });

  test('contains modules, components of packages and configuration modules', async () => {
    const other = await built(
      {
        ...files,
        'package.json': '{ "type": "module", "dependencies": { "@acme/clock": "1" } }',
        'node_modules/@acme/clock/package.json': `{ "name": "@acme/clock", "version": "1.0.0", "type": "module",
        "exports": "./index.js", "asphalt": { "components": { "clock": ".#ClockComponent" } } }`,
        'node_modules/@acme/clock/index.js': `
        import { Component } from '@asphalt/core';
        export class ClockComponent extends Component { start() { this.logger.info('Tick'); } }`,
        'more.config.ts': `
        const token: string = 'of ' + (process.env['USER_NAME'] ?? 'nobody');
        export default { component: { token, components: { clock: {} } } };`,
      },
      ['more.config.ts'],
    );
    rmSync(join(other, 'node_modules'), { recursive: true });
    rmSync(join(other, 'src'), { recursive: true });
    const { stdout } = await runBuilt(other, [], { env: { USER_NAME: 'Ada' } });
    expect(stdout).toContain('INFO  clock: Tick');
    expect(stdout).toContain('token of Ada');
  });
});

describe('sensitive values in files', () => {
  const withPassword = { ...files, 'asphalt.yaml': `${yaml}      password: hunter2\n` };

  test('are left out, and must be set when the application starts', async () => {
    const folder = appWith(withPassword);
    const { stdout } = await asphalt(folder, ['build', 'asphalt.yaml']);
    expect(stdout).toMatchInlineSnapshot(`
      "Built 2 components into dist
        note  left out, because it is sensitive: component.components.database.password (asphalt.yaml:8:7); set it when the application starts
        note  without a code cache: the first start with all options writes it
      "
    `);
    const names = readdirSync(join(folder, 'dist')).filter((name) => /\.(?:json|cjs|js)$/.test(name));
    for (const name of names) expect(readFileSync(join(folder, 'dist', name), 'utf8')).not.toContain('hunter2');
    const { code, stderr } = await runBuilt(folder);
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "\`component.components.database.password\` was left out of the build, because it is sensitive
        from         asphalt.yaml:8:7
                     8 │       password: …
                       │       ^
        help         set it in a configuration file, or with --set component.components.database.password=…, or by environment variable DATABASE_PASSWORD
        code         ERR_CONFIG_INVALID
      "
    `);
    const set = await runBuilt(folder, [], { env: { DATABASE_PASSWORD: 'four' } });
    expect(set.stdout).toContain('localhost:5432 with 4 characters');
  });

  test('are written with --include-secrets', async () => {
    const folder = await built(withPassword, ['--include-secrets']);
    expect((await runBuilt(folder)).stdout).toContain('localhost:5432 with 7 characters');
  });
});

describe('asphalt build', () => {
  test('reports the problems of the application and writes nothing', async () => {
    const folder = appWith({ ...files, 'asphalt.yaml': `${yaml}      port: 80a\n` });
    const { code, stderr } = await asphalt(folder, ['build', 'asphalt.yaml']);
    expect(code).toBe(1);
    expect(stderr).toContain('`component.components.database.port` must be a whole number from 0 to 65535, got "80a"');
    expect(readdirSync(join(folder, 'dist'))).toEqual([]);
  });

  test('names options that are still open', async () => {
    const folder = appWith({ ...files, 'asphalt.yaml': 'component: { type: "./src/app.ts:App" }' });
    const { code, stdout } = await asphalt(folder, ['build', 'asphalt.yaml']);
    expect(code).toBe(0);
    expect(stdout).toContain('open until the application starts: component.components.database.host');
    const { stderr } = await runBoth(folder, []);
    expect(stderr).toContain('`component.components.database.host` is required');
  });

  test('refuses a folder with files of another origin, and replaces its own', async () => {
    const folder = appWith({ ...files, 'dist/notes.txt': 'mine' });
    expect((await asphalt(folder, ['build', 'asphalt.yaml'])).stderr).toMatchInlineSnapshot(`
      "Cannot build into dist: it contains notes.txt, which no build has written
        help         name a new or empty folder with -o
        code         ERR_BUILD_FOLDER
      "
    `);
    rmSync(join(folder, 'dist/notes.txt'));
    await asphalt(folder, ['build', 'asphalt.yaml', '--no-warm']);
    const first = readdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/notes.txt'), 'mine');
    writeFileSync(join(folder, 'src/app.ts'), `${source}\n// changed\nexport const more = 1;\n`);
    await asphalt(folder, ['build', 'asphalt.yaml', '--no-warm']);
    const second = readdirSync(join(folder, 'dist'));
    expect(second).toContain('notes.txt');
    expect(second).toHaveLength(first.length + 1);
  });

  test('reports a module that cannot be bundled', async () => {
    const lazy = `${source}\nexport const load = () => import('./broken.ts');\n`;
    const folder = appWith({ ...files, 'src/app.ts': lazy, 'src/broken.ts': 'export const text = ;' });
    const { code, stderr } = await asphalt(folder, ['build', 'asphalt.yaml']);
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "Cannot bundle the application
        in           src/broken.ts:1
        got          Unexpected token
        help         fix the module
        code         ERR_BUILD_BUNDLE
      "
    `);
  });

  test('reports a warm run that fails', async () => {
    const text = `${yaml}  fails: true\n`.replace('  token: !Env TOKEN\n', '');
    const folder = appWith({ ...files, 'asphalt.yaml': text });
    const { code, stderr } = await asphalt(folder, ['build', 'asphalt.yaml']);
    expect(code).toBe(1);
    expect(stderr).toContain('The root component (App) failed to start: Error: It failed');
    expect(stderr).toContain('The application in dist is built, but its warm run failed: it ended with code 1');
    expect(stderr).toContain('ERR_BUILD_WARM');
  });
});

test('a warm run writes the code cache and starts the application once', async () => {
  const folder = appWith(files);
  const { stdout } = await asphalt(folder, ['build', 'asphalt.yaml', '--docker', '--systemd']);
  expect(stdout).toContain('note  wrote Dockerfile');
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['Dockerfile', '.dockerignore']));
  expect(readdirSync(folder).filter((name) => name.endsWith('.service'))).toHaveLength(1);
  expect(readdirSync(join(folder, 'dist/cache'))).toHaveLength(1);
  const running = start(folder, [], { program: join(folder, 'dist/main.js') });
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
});

describe('the plan of a build', () => {
  const shop = `
import { CliComponent, component, Component, defineConfig, fromConfig, inject, provides } from '@asphalt/core';

class Store {
  constructor(readonly text: string) {}
}

@component()
class MemoryStore extends Component {
  @provides(Store)
  store(): Store {
    return new Store('memory');
  }
}

@component()
class DiskStore extends Component {
  @provides(Store)
  store(): Store {
    return new Store('disk');
  }
}

const options = defineConfig({
  store: { doc: 'The name of the store', format: 'string' },
  label: { doc: 'A text', format: 'string', default: 'shop' },
});

@component({ config: options, components: { store: MemoryStore }, types: { disk: DiskStore } })
export class App extends CliComponent<typeof options> {
  override run(@inject(Store, fromConfig('store')) store: Store): void {
    this.logger.info(\`\${this.config.label} with \${store.text}\`);
  }
}
`;
  const planning = /^.*Planning at startup: (.*)\n/m;
  let folder: string;

  beforeAll(async () => {
    folder = await built({ 'app.ts': shop, 'asphalt.yaml': 'component: { type: ./app.ts:App }' });
  }, 90_000);

  /** Runs the application built and unbuilt. @returns the reason for planning at startup, the only difference */
  async function reasonFor(set: string): Promise<string | undefined> {
    const args = ['--set', set];
    const ended = await runBuilt(folder, args);
    expect({ ...ended, stdout: ended.stdout.replace(planning, '') }).toEqual(
      await asphalt(folder, ['run', 'asphalt.yaml', ...args]),
    );
    return planning.exec(ended.stdout)?.[1];
  }

  test('is used if only values of options change', async () => {
    expect(await reasonFor('component.label=other')).toBeUndefined();
    const path = join(folder, 'dist/plan.json');
    const tables = JSON.parse(readFileSync(path, 'utf8')) as { names: string[] };
    // A name that no component provides proves that the tables, and not the planner, resolve the need.
    writeFileSync(path, JSON.stringify({ ...tables, names: ['changed'] }));
    try {
      const { code, stderr } = await runBuilt(folder);
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('`Store` named "changed"') });
    } finally {
      writeFileSync(path, JSON.stringify(tables));
    }
  });

  test('is replaced if the configuration changes the components, with the reason in the log', async () => {
    expect(await reasonFor('component.components.disk/big={}')).toBe(
      'component.components.disk/big was added after the build',
    );
    expect(await reasonFor('component.components.store.type=disk')).toBe(
      'the class of component.components.store changed after the build',
    );
    expect(await reasonFor('component.components.store.enabled=false')).toBe(
      'component.components.store was disabled after the build',
    );
    expect(await reasonFor('component.store=big')).toBe(
      'component.store, the name of a resource, changed after the build',
    );
  });

  test('is missing if an option without a value decides about components, and the build prints its path', async () => {
    const deciding = shop.replace(
      'components: { store: MemoryStore }',
      'components: ({ label }) => ({ [label]: MemoryStore })',
    );
    const open = deciding.replace("default: 'shop'", 'required: true');
    const app = appWith({ 'app.ts': open, 'asphalt.yaml': 'component: { type: ./app.ts:App }' });
    const { code, stdout } = await asphalt(app, ['build', 'asphalt.yaml', '--no-warm']);
    expect(code).toBe(0);
    expect(stdout).toContain('the plan is not part of the build, because component.label has no value yet');
    expect(readdirSync(join(app, 'dist'))).not.toContain('plan.json');
    expect(await runBuilt(app, ['--set', 'component.label=store'])).toMatchObject({
      code: 0,
      stdout: expect.not.stringMatching(planning),
    });
  });
});
