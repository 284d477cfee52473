/** The files that the pages of the documentation show compile. A block of code is one if it begins with an import. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const parent = join(repository, 'packages/core/.cache');
let folder = '';

afterAll(() => rm(folder, { recursive: true, force: true }));

const packages = ['core', 'cli', 'mailer', 'sql', 'testing', 'threads', 'watchdog', 'web'];
const pages = ['docs/reference/configuration.md', ...packages.map((name) => `packages/${name}/README.md`)];

/** Code blocks; the first line may name the file. */
const blocks = /```ts\n(?:\/\/ (\S+\.ts)[^\n]*\n)?(.*?)```/gs;

interface File {
  readonly name: string;
  readonly code: string;
}

async function filesOf(page: string): Promise<File[]> {
  const text = await readFile(join(repository, page), 'utf8');
  return Array.from(text.matchAll(blocks), ([, name, code], index) => ({
    name: name ?? `block-${index}.ts`,
    code: code!,
  }));
}

/** The packages' sources, under the names that the examples import. */
const paths = Object.fromEntries(
  packages.map((name) => [`@asphalt/${name}`, [join(repository, `packages/${name}/src/index.ts`)]]),
);

test('the files on the pages of packages and configuration compile', { timeout: 60_000 }, async () => {
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(join(parent, 'readmes-'));
  // What the examples import from beside them: the application on the first page, and a report.
  const known = await filesOf('README.md');
  known.push({ name: 'report.ts', code: 'export const makeReport = (month: string) => ({ total: 42, month });' });
  const shown: string[] = [];
  for (const [index, page] of pages.entries()) {
    const files = (await filesOf(page)).filter(({ name, code }) => !name.startsWith('block-') || /^import /.test(code));
    const place = join(folder, String(index));
    await mkdir(place);
    for (const { name, code } of [...known, ...files]) await writeFile(join(place, name), code);
    shown.push(...files.map(({ name }) => `${page} ${name}`));
  }
  const compilerOptions = {
    noEmit: true,
    composite: false,
    declarationMap: false,
    rootDir: '/',
    noImplicitOverride: false,
  };
  const extended = join(repository, 'tsconfig.base.json');
  const settings = { extends: extended, compilerOptions: { ...compilerOptions, paths }, include: ['**/*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
  expect(shown).toMatchInlineSnapshot(`
    [
      "docs/reference/configuration.md block-0.ts",
      "docs/reference/configuration.md block-1.ts",
      "packages/core/README.md block-0.ts",
      "packages/core/README.md block-1.ts",
      "packages/core/README.md block-2.ts",
      "packages/cli/README.md app.ts",
      "packages/mailer/README.md block-0.ts",
      "packages/sql/README.md block-0.ts",
      "packages/testing/README.md block-0.ts",
      "packages/threads/README.md passwords.ts",
      "packages/threads/README.md accounts.ts",
      "packages/watchdog/README.md block-0.ts",
      "packages/web/README.md block-0.ts",
    ]
  `);
});
