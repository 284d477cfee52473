import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const core = join(repository, 'packages/core');
const run = promisify(execFile);

let folder: string;
let examples: Array<{ name: string; output: string }>;

/** The examples of the page as files, in a folder from which the package itself resolves. */
beforeAll(async () => {
  await mkdir(join(core, '.cache'), { recursive: true });
  folder = await mkdtemp(join(core, '.cache/docs-'));
  const page = await readFile(join(repository, 'docs/reference/contexts.md'), 'utf8');
  const blocks = page.matchAll(/```ts\n\/\/ (\S+\.ts)\n(.*?)```\n\n```text\n(.*?)```/gs);
  examples = Array.from(blocks, ([, name, , output]) => ({ name: name!, output: output! }));
  for (const [, name, code] of page.matchAll(/```ts\n\/\/ (\S+\.ts)\n(.*?)```/gs)) {
    await writeFile(join(folder, name!), code!);
  }
  const compilerOptions = { noEmit: true, composite: false, declarationMap: false, rootDir: '/' };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(repository, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] }),
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the examples about contexts compile', { timeout: 60_000 }, async () => {
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const printed = await run(process.execPath, [tsc, '-p', folder]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
  expect(printed).toBe('');
});

test('the examples about contexts print what the page says', { timeout: 60_000 }, async () => {
  expect(examples.map(({ name }) => name)).toEqual(['resources.ts', 'tasks.ts', 'ambient.ts', 'resolve.ts']);
  const flags = ['--conditions=source', '--import', 'tsx'];
  const printed = await Promise.all(
    examples.map(async ({ name }) => {
      const { stdout } = await run(process.execPath, [...flags, join(folder, name)], { cwd: folder });
      return { name, output: stdout };
    }),
  );
  expect(printed).toEqual(examples);
});
