import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { projectKinds } from '../../src/new/kinds.ts';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const readJson = (...path: string[]): Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(join(...path), 'utf8')) as never;

/** Returns the version of a package in this workspace, or of a library in its catalog. */
function testedVersion(name: string): string {
  if (name.startsWith('@asphalt/')) {
    const { version } = readJson(repository, 'packages', name.slice('@asphalt/'.length), 'package.json');
    return version as unknown as string;
  }
  const { devDependencies } = readJson(repository, 'package.json');
  const pinned = devDependencies![name] ?? 'catalog:';
  return pinned === 'catalog:' ? catalog[name]! : pinned;
}

const catalog = Object.fromEntries(
  Array.from(
    readFileSync(join(repository, 'pnpm-workspace.yaml'), 'utf8').matchAll(/^ {2}'?([\w@/.-]+?)'?: (\d\S*)$/gm),
    ([, name, version]) => [name!, version!],
  ),
);

describe('new', () => {
  test('prints the created files and the next steps', async () => {
    const { code, stdout, stderr } = await asphalt(appWith({}), ['new', 'My Shop', '--no-install']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "Created my-shop in My Shop: .gitignore, README.md, asphalt.yaml, package.json, src/app.ts, src/clock-component.ts, test/app.test.ts, tsconfig.json

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

  test.each(projectKinds)('the kind %s depends on the versions that this workspace is tested with', async (kind) => {
    const folder = appWith({});
    await asphalt(folder, ['new', 'shop', '--kind', kind, '--no-install']);
    const { dependencies, devDependencies } = readJson(folder, 'shop/package.json');
    const used = { ...dependencies, ...devDependencies };
    expect(used).toEqual(Object.fromEntries(Object.keys(used).map((name) => [name, `^${testedVersion(name)}`])));
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

  test.each([
    [['new']],
    [['new', 'shop', '--name', 'My Shop']],
    [['new', 'shop', '--kind', 'game']],
    [['new', 'shop', '--package-manager', 'apt']],
  ])('reports a usage error for %j', async (args) => {
    const { code, stderr } = await asphalt(appWith({}), args);
    expect({ code, stderr }).toMatchSnapshot();
  });
});
