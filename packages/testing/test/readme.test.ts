/** The README is true: its test is one that runs with those of this package. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the code is that of the file beside this one', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const blocks = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);
  expect(blocks).toEqual([readFileSync(new URL('./example/report.test.ts', import.meta.url), 'utf8')]);
});
