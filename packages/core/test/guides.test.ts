/** The code of each guide is one program, which compiles and prints what the guide says. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

describe.each(['docs/components.md', 'docs/signals.md', 'docs/testing.md'])('the code in %s', (path) => {
  let folder: string;
  let page: string;

  /** The code of the page as one program, in a folder from which the package resolves. */
  beforeAll(async () => {
    page = await readFile(join(repository, path), 'utf8');
    const parent = join(repository, 'packages/core/.cache');
    await mkdir(parent, { recursive: true });
    folder = await mkdtemp(join(parent, 'guide-'));
    const code = Array.from(page.matchAll(/```ts\n(.*?)```/gs), ([, block]) => block).join('');
    await writeFile(join(folder, 'page.ts'), code);
    const compilerOptions = { noEmit: true, composite: false, declarationMap: false, rootDir: '/' };
    const extended = join(repository, 'tsconfig.base.json');
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: extended, compilerOptions }));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('compiles', { timeout: 60_000 }, async () => {
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });

  test('prints what stands behind its arrows', { timeout: 60_000 }, async () => {
    const promised = Array.from(page.matchAll(/\/\/ → (.*)$/gm), ([, line]) => line);
    expect(promised.length).toBeGreaterThan(3);
    const flags = ['--conditions=source', '--import', 'tsx', join(folder, 'page.ts')];
    const { stdout, stderr } = await run(process.execPath, flags, { cwd: folder });
    expect(stderr).toBe('');
    // Of an error, which is printed with its stack, only the first line is told.
    const printed = stdout.trim().split('\n');
    expect(printed.filter((line) => !line.startsWith('    at '))).toEqual(promised);
  });
});
