/** Compares the pages in docs/recipes with the files that the tests use. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ComponentClass } from '@asphalt/core';
import { describeConfig } from '@asphalt/core/inspect';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const pagesFolder = new URL('../../../docs/recipes/', import.meta.url);
const sources = readdirSync(new URL('../src/', import.meta.url));

test.each(sources)('its page contains the file %s as it is', (file) => {
  const page = readFileSync(new URL(file.replace(/ts$/, 'md'), pagesFolder), 'utf8');
  const [, shown] = /^```ts\n\/\/ \S+\.ts\n(.*?)^```$/ms.exec(page)!;
  expect(shown).toBe(readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8'));
});

test.each(sources)('the page of %s shows other code as the test contains it', (file) => {
  const page = readFileSync(new URL(file.replace(/ts$/, 'md'), pagesFolder), 'utf8');
  const program = readFileSync(new URL(file.replace(/ts$/, 'test.ts'), import.meta.url), 'utf8');
  const [, ...others] = Array.from(page.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);
  for (const code of others) expect(program).toContain(code);
});

test.each(sources)('the page of %s configures only options that exist', async (file) => {
  const page = readFileSync(new URL(file.replace(/ts$/, 'md'), pagesFolder), 'utf8');
  const exported = (await import(new URL(`../src/${file}`, import.meta.url).href)) as Record<string, ComponentClass>;
  const root = Object.entries(exported).find(([name]) => name.endsWith('Component'))![1];
  for (const [, text] of page.matchAll(/^```yaml\n(.*?)^```$/gms)) {
    const [config] = Object.values(parse(text!) as Record<string, Record<string, unknown>>);
    const { problems, unused } = await describeConfig(root, { config: config! });
    expect([problems, unused]).toEqual([[], []]);
  }
});

test('each page has a file, and the list contains each page', () => {
  const pages = readdirSync(pagesFolder).filter((name) => name !== 'README.md');
  expect(pages).toEqual(sources.map((file) => file.replace(/ts$/, 'md')));
  const list = readFileSync(new URL('README.md', pagesFolder), 'utf8');
  const listed = Array.from(list.matchAll(/\]\(([\w-]+\.md)\)/g), ([, name]) => name!);
  expect(listed.toSorted()).toEqual(pages);
});
