import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { webOptions } from '../src/index.ts';

interface Declared {
  readonly default?: string | number | boolean | object;
  readonly format: string | { readonly options?: Readonly<Record<string, Declared>> };
}

/** Returns each option with its default as the page writes it; undefined for options without one. */
function* declared(options: Readonly<Record<string, Declared>>, prefix = ''): Iterable<[string, string | undefined]> {
  for (const [name, option] of Object.entries(options)) {
    const inner = typeof option.format === 'string' ? undefined : option.format.options;
    const { default: value } = option;
    const isShown = value !== undefined && typeof value !== 'object';
    yield [prefix + name, isShown ? `\`${value}\`` : undefined];
    if (inner) yield* declared(inner, `${prefix + name}.`);
  }
}

test('the README lists exactly the options of the component, with their defaults', () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const listed = Array.from(page.matchAll(/^\| `([\w.]+)` \| (.*?) \|/gm), ([, name, value]) => [name!, value!]);
  const expected = [...declared(webOptions.options as Readonly<Record<string, Declared>>)];
  expect(listed.map(([name]) => name).toSorted()).toEqual(expected.map(([name]) => name).toSorted());
  const withDefault = expected.filter(([, value]) => value !== undefined);
  expect(listed).toEqual(expect.arrayContaining(withDefault));
});
