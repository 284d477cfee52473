/** Compares the pages in docs/recipes with the files that the tests use. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const pagesFolder = new URL('../../../docs/recipes/', import.meta.url);
const sources = readdirSync(new URL('../src/', import.meta.url));

test.each(sources)('its page contains the file %s as it is', (file) => {
  const page = readFileSync(new URL(file.replace(/ts$/, 'md'), pagesFolder), 'utf8');
  const [, shown] = /^```ts\n\/\/ \S+\.ts\n(.*?)^```$/ms.exec(page)!;
  expect(shown).toBe(readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8'));
});

test('each page has a file, and the list contains each page', () => {
  const pages = readdirSync(pagesFolder).filter((name) => name !== 'README.md');
  expect(pages).toEqual(sources.map((file) => file.replace(/ts$/, 'md')));
  const list = readFileSync(new URL('README.md', pagesFolder), 'utf8');
  const listed = Array.from(list.matchAll(/\]\(([\w-]+\.md)\)/g), ([, name]) => name!);
  expect(listed.toSorted()).toEqual(pages);
});
