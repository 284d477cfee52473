import { readFileSync } from 'node:fs';
import { describeConfig } from '@asphalt/core/inspect';
import { expect, test } from 'vitest';
import { MessagingComponent } from '../src/index.ts';

test('the README lists exactly the options of the component', async () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, options] = /## Options\n(.*?)\n## /s.exec(page)!;
  const listed = Array.from(options!.matchAll(/^\| `(\w+)` \|/gm), ([, name]) => name);
  const { components } = await describeConfig(MessagingComponent);
  const declared = components[0]!.options.map(({ path }) => path.split('.').at(-1));
  expect(listed.toSorted()).toEqual(declared.toSorted());
});
