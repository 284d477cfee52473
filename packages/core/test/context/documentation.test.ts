import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile, folderWith, output, repository } from '../shown-code.ts';

let folder: string;
let examples: Array<{ name: string; output: string }>;

beforeAll(async () => {
  const page = await readFile(join(repository, 'docs/reference/contexts.md'), 'utf8');
  const blocks = page.matchAll(/```ts\n\/\/ (\S+\.ts)\n(.*?)```\n\n```text\n(.*?)```/gs);
  examples = Array.from(blocks, ([, name, , printed]) => ({ name: name!, output: printed! }));
  const files = Array.from(page.matchAll(/```ts\n\/\/ (\S+\.ts)\n(.*?)```/gs), ([, name, code]) => [name, code]);
  folder = await folderWith(Object.fromEntries(files) as Record<string, string>);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the examples about contexts compile', { timeout: 60_000 }, async () => {
  expect(await compile(folder)).toBe('');
});

test('the examples about contexts print the output that the page shows', { timeout: 60_000 }, async () => {
  expect(examples.map(({ name }) => name)).toEqual([
    'resources.ts',
    'cancellation.ts',
    'tasks.ts',
    'ambient.ts',
    'resolve.ts',
  ]);
  const printed = examples.map(async ({ name }) => ({ name, output: (await output(folder, name)).stdout }));
  expect(await Promise.all(printed)).toEqual(examples);
});
