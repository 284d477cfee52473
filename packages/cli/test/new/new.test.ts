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
  test('prints the created files and the next steps', async () => {
    const { code, stdout, stderr } = await asphalt(appWith({}), ['new', 'My Shop', '--no-install']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "Created my-shop in My Shop: README.md, asphalt.yaml, .gitignore, package.json, src/app.ts, src/clock-component.ts, test/app.test.ts, tsconfig.json

      Next:
        cd "My Shop"
        npm install
        npm run test
        npm run dev
      "
    `);
  });

  test('uses the package name and package manager of the command line', async () => {
    const folder = appWith({});
    await asphalt(folder, ['new', 'shop', '--name', '@acme/shop', '--no-install', '--package-manager', 'pnpm']);
    expect(readJson(folder, 'shop/package.json')['name']).toBe('@acme/shop');
    const readme = readFileSync(join(folder, 'shop/README.md'), 'utf8');
    expect(readme).toContain('# @acme/shop\n');
    expect(readme).toContain('| `pnpm run start` |');
  });

  test('depends on the versions that this workspace is tested with', async () => {
    const folder = appWith({});
    await asphalt(folder, ['new', 'shop', '--no-install']);
    const { dependencies, devDependencies } = readJson(folder, 'shop/package.json');
    const { typescript, vitest } = readJson(repository, 'package.json')['devDependencies']!;
    const { version } = readJson(repository, 'packages/core/package.json') as unknown as { version: string };
    expect(devDependencies).toMatchObject({
      '@asphalt/testing': `^${version}`,
      typescript: `^${typescript}`,
      vitest: `^${vitest}`,
    });
    const { rxjs } = readJson(repository, 'packages/core/package.json')['peerDependencies']!;
    expect(dependencies).toEqual({ '@asphalt/cli': `^${version}`, '@asphalt/core': `^${version}`, rxjs });
  });

  test('writes the install script settings for pnpm, but not inside of another workspace', async () => {
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

  test('accepts a folder that contains only a repository', async () => {
    const folder = appWith({});
    mkdirSync(join(folder, 'shop/.git'), { recursive: true });
    expect(await asphalt(folder, ['new', 'shop', '--no-install'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('refuses a folder that is not empty and leaves it unchanged', async () => {
    const folder = appWith({});
    mkdirSync(join(folder, 'shop'));
    writeFileSync(join(folder, 'shop/notes.txt'), 'mine');
    const { code, stderr } = await asphalt(folder, ['new', 'shop']);
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "The folder shop is not empty: it contains notes.txt
        help         name a new or empty folder
        code         ERR_NEW_FOLDER
      "
    `);
    expect(readdirSync(join(folder, 'shop'))).toEqual(['notes.txt']);
  });

  test.each(['notes.txt', 'notes.txt/shop'])('reports that %s cannot be a folder', async (path) => {
    const folder = appWith({ 'notes.txt': 'mine' });
    const { code, stderr } = await asphalt(folder, ['new', path]);
    expect(code).toBe(1);
    expect(stderr).toMatchSnapshot();
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('reports a failed installation and how to repeat it', async () => {
    const folder = appWith({});
    const { code, stderr } = await asphalt(folder, ['new', 'shop', '--package-manager', 'bun'], { env: { PATH: '' } });
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "bun could not install the dependencies of the new project
        got          spawn bun ENOENT
        note         the project was created in shop
        help         fix the cause, then run \`bun install\` in that folder
        code         ERR_NEW_INSTALL
      "
    `);
    expect(readdirSync(join(folder, 'shop'))).toContain('package.json');
  });

  test.each([[['new']], [['new', 'shop', '--name', 'My Shop']], [['new', 'shop', '--package-manager', 'apt']]])(
    'reports a usage error for %j',
    async (args) => {
      const { code, stderr } = await asphalt(appWith({}), args);
      expect({ code, stderr }).toMatchSnapshot();
    },
  );
});
