import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const readJson = (...path: string[]): Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(join(...path), 'utf8')) as never;

describe('new', () => {
  test('says what it made and what comes next', async () => {
    const { code, stdout, stderr } = await asphalt(appWith({}), ['new', 'My Shop', '--no-install']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "Made my-shop in My Shop: README.md, asphalt.yaml, .gitignore, package.json, src/app.ts, src/clock-component.ts, test/app.test.ts, tsconfig.json

      Next:
        cd "My Shop"
        npm install
        npm run test
        npm run dev
      "
    `);
  });

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

  test('tells pnpm which scripts it may leave, but makes no workspace within another one', async () => {
    const folder = appWith({ 'workspace/pnpm-workspace.yaml': 'packages: [shop]\n' });
    const args = ['--no-install', '--package-manager', 'pnpm'];
    await asphalt(folder, ['new', 'shop', ...args]);
    await asphalt(folder, ['new', 'workspace/shop', ...args]);
    await asphalt(folder, ['new', 'npm-shop', '--no-install', '--package-manager', 'npm']);
    const settings = (project: string): string => join(folder, project, 'pnpm-workspace.yaml');
    expect(readFileSync(settings('shop'), 'utf8')).toContain('allowBuilds:\n  esbuild: false\n');
    expect(existsSync(settings('workspace/shop'))).toBe(false);
    expect(existsSync(settings('npm-shop'))).toBe(false);
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
