/** Checks that links between pages are valid, every page is reachable and the list of decisions is complete. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const pages = pagesIn(repository);

function pagesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === 'node_modules' || entry.name === 'dist' || entry.name === '.cache' ? [] : pagesIn(path);
    }
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Returns the text of a page without its code, where brackets are not links and `#` is not a heading. */
function proseOf(page: string): string {
  return readFileSync(page, 'utf8')
    .replace(/^```.*?^```$/gms, '')
    .replace(/`([^`\n]*)`/g, (_, code: string) => code.replace(/[[\]()]/g, ''));
}

/** Returns the anchors that GitHub assigns to the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of proseOf(page).matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\-_ ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Returns the links of a page that have no target. */
function deadLinksOf(page: string): string[] {
  return Array.from(proseOf(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link!).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split('#') as [string, string?];
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(target).has(anchor);
  });
}

describe('the links of a page', () => {
  test.each(pages.map((page) => [relative(repository, page), page]))(
    '%s links only to existing files and headings',
    (_, page) => {
      expect(deadLinksOf(page)).toEqual([]);
    },
  );
});

test('the checks find links and headings', () => {
  expect(pages.length).toBeGreaterThan(40);
  expect(anchorsOf(join(repository, 'docs/reference/configuration.md'))).toContain('types-of-components');
  expect(pages.flatMap((page) => [...proseOf(page).matchAll(/\]\([^)\s]+#/g)]).length).toBeGreaterThan(0);
});

test('every page of the documentation is reachable from docs/README.md', () => {
  const reached = new Set<string>();
  const visit = (page: string): void => {
    if (reached.has(page) || !page.endsWith('.md')) return;
    reached.add(page);
    for (const [, link] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (!/^[a-z]+:/.test(link!)) visit(join(dirname(page), link!.split('#')[0]!));
    }
  };
  visit(join(repository, 'docs/README.md'));
  const documents = pages.filter(
    (page) => !/\/(template|\.github|\.changeset)\/|\.api\.md$|\/CHANGELOG\.md$/.test(page),
  );
  expect(documents.filter((page) => !reached.has(page)).map((page) => relative(repository, page))).toEqual([
    'README.md',
  ]);
});

test('the list of decisions contains each one with its title', () => {
  const folder = join(repository, 'docs/decisions');
  const titles = readdirSync(folder)
    .filter((file) => /^\d{4}-/.test(file))
    .map((file) => `- [${/^# (.*)$/m.exec(readFileSync(join(folder, file), 'utf8'))![1]}](${file})`);
  const listed = readFileSync(join(folder, 'README.md'), 'utf8').match(/^- .*$/gm);
  expect(listed).toEqual(titles);
});

test('the page on architecture names only files of core that exist', () => {
  const page = readFileSync(join(repository, 'docs/architecture.md'), 'utf8');
  const files = Array.from(page.matchAll(/`([a-z-]+(?:\/[a-z0-9-]+)+\.ts)`/g), ([, file]) => file!);
  expect(files.length).toBeGreaterThan(30);
  const folders = ['packages/core/src', '.'];
  expect(files.filter((file) => !folders.some((folder) => existsSync(join(repository, folder, file))))).toEqual([]);
});

test('the guide for contributors names only files and folders that exist', () => {
  const page = readFileSync(join(repository, 'CONTRIBUTING.md'), 'utf8');
  const paths = Array.from(page.matchAll(/`((?:packages|apps|docs|scripts)\/[^`\s]+)`/g), ([, path]) => path!);
  expect(paths.length).toBeGreaterThan(8);
  expect(paths.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
});

test('each table of error codes is sorted and has no duplicates', () => {
  const reference = readFileSync(join(repository, 'docs/reference/errors.md'), 'utf8');
  const tables = reference
    .split('\n## ')
    .map((section) => Array.from(section.matchAll(/^\| `(ERR_\w+)`/gm), ([, code]) => code));
  expect(tables).toEqual(tables.map((codes) => [...new Set(codes)].sort()));
});
