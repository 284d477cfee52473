/** The README is true: its test is one that runs with those of this package. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the code stands in the file that it is said to be of', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const excerpts = [...readme.matchAll(/^```ts\n\/\/ ([\w.-]+\.ts)[^\n]*\n(.*?)^```$/gms)];
  expect(excerpts.map(([, file]) => file)).toEqual(['report.test.ts']);
  for (const [, file, code] of excerpts)
    expect(readFileSync(new URL(`./example/${file}`, import.meta.url), 'utf8')).toContain(code!.trim());
});
