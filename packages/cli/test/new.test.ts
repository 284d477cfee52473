import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from './asphalt-process.ts';

useAsphalt();

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const readJson = (...path: string[]): Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(join(...path), 'utf8')) as never;

/** Runs a program as a user would who is not in this workspace. */
async function call(cwd: string, program: string, ...args: string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV)/.test(name)));
  const options = { cwd, env: { ...env, NO_COLOR: '1' } };
  const { stdout } = await promisify(execFile)(program, args, options).catch(
    (error: Error & { readonly stdout: string }) => {
      throw new Error(`${program} ${args.join(' ')}: ${error.message}\n${error.stdout}`);
    },
  );
  return stdout;
}

/** The packages as they would be published. */
async function pack(folder: string): Promise<string[]> {
  const { packageManager } = readJson(repository, 'package.json') as unknown as { packageManager: string };
  const args = ['--yes', packageManager, 'pack', '--pm-on-fail=ignore', '--pack-destination', folder];
  for (const name of ['core', 'watchdog', 'cli']) await call(join(repository, 'packages', name), 'npx', ...args);
  return readdirSync(folder).map((file) => join(folder, file));
}

test('a new project installs, compiles, passes its own tests, checks and runs', { timeout: 240_000 }, async () => {
  const folder = appWith({ 'packs/.keep': '' });
  const made = await asphalt(folder, ['new', 'My Shop', '--no-install']);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toMatchInlineSnapshot(`
    "Made my-shop in My Shop: README.md, asphalt.yaml, .gitignore, package.json, src/app.ts, src/clock-component.ts, test/app.test.ts, tsconfig.json

    Next:
      cd "My Shop"
      npm install
      npm run test
      npm run dev
    "
  `);

  const project = join(folder, 'My Shop');
  const packs = (await pack(join(folder, 'packs'))).filter((file) => file.endsWith('.tgz'));
  await call(project, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packs);
  expect(await call(project, 'npm', 'run', 'test')).toContain('2 passed');
  expect(await call(project, 'npm', 'run', 'check')).toContain('The application can start: 2 components');
  expect(await call(project, 'npx', 'asphalt', 'doctor')).toContain('Nothing is wrong here');
  const readme = readFileSync(join(repository, 'packages/cli/README.md'), 'utf8');
  expect(readme).toContain(await call(project, 'npx', 'asphalt', 'explain', 'Clock', 'asphalt.yaml'));
  // `head` takes the output away when it has seen enough, which ends the application.
  const lines = await call(project, 'sh', '-c', 'npx asphalt run asphalt.yaml | head -n 5');
  expect(lines).toMatch(/Application started: .*\n.*Hello, it is \d/);
});

describe('new', () => {
  test('takes the name of the package from the command line', async () => {
    const folder = appWith({});
    await asphalt(folder, ['new', 'shop', '--name', '@acme/shop', '--no-install', '--package-manager', 'pnpm']);
    expect(readJson(folder, 'shop/package.json')['name']).toBe('@acme/shop');
    const readme = readFileSync(join(folder, 'shop/README.md'), 'utf8');
    expect(readme).toContain('# @acme/shop\n');
    expect(readme).toContain('| `pnpm run start` |');
  });

  test('depends on what this workspace is tested with', async () => {
    const folder = appWith({});
    await asphalt(folder, ['new', 'shop', '--no-install']);
    const { dependencies, devDependencies } = readJson(folder, 'shop/package.json');
    const { typescript, vitest } = readJson(repository, 'package.json')['devDependencies']!;
    const { version } = readJson(repository, 'packages/core/package.json') as unknown as { version: string };
    expect(devDependencies).toMatchObject({ typescript: `^${typescript}`, vitest: `^${vitest}` });
    expect(dependencies).toEqual({ '@asphalt/cli': `^${version}`, '@asphalt/core': `^${version}` });
  });

  test('goes into a folder that holds nothing but a repository', async () => {
    const folder = appWith({});
    mkdirSync(join(folder, 'shop/.git'), { recursive: true });
    expect(await asphalt(folder, ['new', 'shop', '--no-install'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('touches no folder that is not empty', async () => {
    const folder = appWith({});
    mkdirSync(join(folder, 'shop'));
    writeFileSync(join(folder, 'shop/notes.txt'), 'mine');
    const { code, stderr } = await asphalt(folder, ['new', 'shop']);
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "The folder shop is not empty: there is notes.txt
        help         name a folder that is new or empty
        code         ERR_NEW_FOLDER
      "
    `);
    expect(readdirSync(join(folder, 'shop'))).toEqual(['notes.txt']);
  });

  test('says that the packages could not be installed, and how to do that later', async () => {
    const folder = appWith({});
    const { code, stderr } = await asphalt(folder, ['new', 'shop', '--package-manager', 'bun'], { env: { PATH: '' } });
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "bun could not install the packages of the new project
        got          spawn bun ENOENT
        note         the project is there, in shop
        help         run \`bun install\` in that folder when the cause is mended
        code         ERR_NEW_INSTALL
      "
    `);
    expect(readdirSync(join(folder, 'shop'))).toContain('package.json');
  });

  test.each([[['new']], [['new', 'shop', '--name', 'My Shop']], [['new', 'shop', '--package-manager', 'apt']]])(
    'refuses wrong usage: %j',
    async (args) => {
      const { code, stderr } = await asphalt(appWith({}), args);
      expect({ code, stderr }).toMatchSnapshot();
    },
  );
});
