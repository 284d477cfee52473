import { readFileSync } from 'node:fs';
import { describeConfig } from '@asphalt/core/inspect';
import { expect, test } from 'vitest';
import { SqlComponent } from '../src/index.ts';

test('the README lists exactly the options of the component', async () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  // Options of migrations and of tests are in the sections about these.
  const sections = page.matchAll(/^## (?:Options|Migrations|Testing)\n(.*?)\n(?=## )/gms);
  const options = Array.from(sections, ([, text]) => text).join('\n');
  const listed = Array.from(options.matchAll(/^\| `(\w+)` \|/gm), ([, name]) => name);
  const { components } = await describeConfig(SqlComponent);
  const declared = components[0]!.options.map(({ path }) => path.split('.').at(-1));
  expect(listed.toSorted()).toEqual(declared.toSorted());
});
