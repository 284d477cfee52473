/** Checks that the README shows a test that runs with the tests of this package. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the code of the README is the example test', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const blocks = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);
  expect(blocks).toEqual([readFileSync(new URL('./example/report.test.ts', import.meta.url), 'utf8')]);
});
