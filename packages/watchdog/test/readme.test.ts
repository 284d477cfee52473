/** Checks the README: its program is `example/watched.ts`, its test is `example/report.test.ts`, and both run. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { delays } from './example/watched.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const blocks = Array.from(read('../README.md').matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);

test('the code of the README is in the example program and the example test', () => {
  expect(blocks).toEqual([expect.any(String), read('./example/report.test.ts')]);
  const program = read('./example/watched.ts');
  for (const line of blocks[0]!.split('\n').filter((each) => each !== '// …')) expect(program).toContain(line);
});

test('the example program receives a delay', () => {
  expect(delays).toMatchObject([{ cause: 'code', count: 1, place: { function: 'crunchUntilSeen' } }]);
});
