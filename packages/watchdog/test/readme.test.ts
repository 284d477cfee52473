/** Checks the README: its program is the file `example/watched.ts`, and it behaves as described. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { delays } from './example/watched.ts';

test('the code of the README is in the example program', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const program = readFileSync(new URL('./example/watched.ts', import.meta.url), 'utf8');
  const blocks = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);
  expect(blocks).toHaveLength(1);
  for (const line of blocks[0]!.split('\n').filter((each) => each !== '// …')) expect(program).toContain(line);
});

test('the example program receives a delay', () => {
  expect(delays).toMatchObject([{ cause: 'code', count: 1, place: { function: 'crunchUntilSeen' } }]);
});
