/** The code blocks of each guide form one program. It must compile and print the output that the guide shows. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, folderWith, output, repository } from './shown-code.ts';

/** The package whose imports a guide uses; core for the others. */
const homes: Readonly<Record<string, string>> = {
  'docs/testing.md': 'packages/testing',
  'docs/how-to/write-an-integration.md': 'packages/integration',
  'docs/sockets.md': 'packages/web',
};

describe.each([
  'docs/components.md',
  'docs/deliveries.md',
  'docs/signals.md',
  'docs/reference/tracing.md',
  ...Object.keys(homes),
])('the code in %s', (path) => {
  let folder: string;
  let page: string;

  beforeAll(async () => {
    page = await readFile(join(repository, path), 'utf8');
    const code = Array.from(page.matchAll(/```ts\n(.*?)```/gs), ([, block]) => block).join('');
    folder = await folderWith({ 'page.ts': code }, {}, homes[path]);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('compiles', { timeout: 60_000 }, async () => {
    expect(await compile(folder)).toBe('');
  });

  test('prints the output after the arrows', { timeout: 60_000 }, async () => {
    const promised = Array.from(page.matchAll(/\/\/ → (.*)$/gm), ([, line]) => line);
    expect(promised.length).toBeGreaterThan(3);
    const { stdout, stderr } = await output(folder, 'page.ts');
    expect(stderr).toBe('');
    // A guide shows only the first line of an error, without its stack.
    const printed = stdout.trim().split('\n');
    expect(printed.filter((line) => !line.startsWith('    at '))).toEqual(promised);
  });
});
