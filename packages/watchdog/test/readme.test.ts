/** The README is true: the program that it shows is a file beside this one, and does what it says. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { delays } from './example/watched.ts';

test('the code stands in the file that is run here', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const program = readFileSync(new URL('./example/watched.ts', import.meta.url), 'utf8');
  const blocks = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);
  expect(blocks).toHaveLength(1);
  for (const line of blocks[0]!.split('\n').filter((each) => each !== '// …')) expect(program).toContain(line);
});

test('a program of its own is told of delays', () => {
  expect(delays).toMatchObject([{ cause: 'code', count: 1, place: { function: 'crunchUntilSeen' } }]);
});
