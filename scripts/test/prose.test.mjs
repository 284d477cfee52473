import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { countWords, mannerisms, rows } from '../prose/expressions.mjs';
import { lineAt, proseOf } from '../prose/texts.mjs';
import { root } from '../setup.mjs';

function found(file, content) {
  return proseOf(file, content).flatMap(({ index, text }) =>
    mannerisms(text).map((hit) => `${lineAt(content, index + hit.index)} ${hit.found}`),
  );
}

describe('expressions', () => {
  test.each(rows)('finds "$avoid"', ({ avoid, example }) => {
    expect(mannerisms(example).map((hit) => hit.avoid)).toContain(avoid);
  });

  test('a question with "what" does not count', () => {
    expect(mannerisms('What is a component? What can it do?')).toEqual([]);
  });

  test('the documentation of pino has fewer than three mannerisms in 1,000 words', () => {
    const pino = dirname(createRequire(join(root, 'packages/cli/package.json')).resolve('pino'));
    const page = 'docs/api.md';
    const [{ text }] = proseOf(page, readFileSync(join(pino, page), 'utf8'));
    expect(countWords(text)).toBeGreaterThan(4000);
    expect((mannerisms(text).length / countWords(text)) * 1000).toBeLessThan(3);
  });
});

describe('texts of a source', () => {
  test('comments and sentences count with their line number', () => {
    const content = [
      '// Tells the parent.',
      '/**',
      ' * Whoever asks.',
      ' */',
      "fail('the start goes on without it');",
      'fail(`nobody waits for ${name} here`);',
    ].join('\n');
    expect(found('a.ts', content)).toEqual(['1 Tells', '3 Whoever', '5 goes on', '6 nobody']);
  });

  test('names, keys and code in backticks do not count', () => {
    expect(found('a.ts', "const said = 'begin'; // calls `begin` and `tells()`\nx(`begin`, told);")).toEqual([]);
  });

  test('an expression in a template is code, and the rest keeps its position', () => {
    expect(found('a.ts', 'x(`one\n ${said("he")} and nobody waits`);')).toEqual(['2 nobody']);
  });

  test('a line opts out only with a reason', () => {
    expect(found('a.ts', '// nobody waits  prose-allow: quotes RFC 5321')).toEqual([]);
    expect(found('a.ts', '// nobody waits  prose-allow:')).toEqual(['1 nobody']);
  });

  test('a syntax error names the file', () => {
    expect(() => proseOf('broken.ts', 'const = ;')).toThrow('broken.ts');
  });
});

describe('texts of a page', () => {
  test('fences and code spans do not count', () => {
    const page = ['It begins.', '```ts', '// nobody', '```', 'Call `tells` or ``a `told` b``.', '~~~', 'anew', '~~~'];
    expect(found('a.md', page.join('\n'))).toEqual(['1 begins']);
  });

  test('a fence inside a longer fence is code', () => {
    expect(found('a.md', '````\n```\nnobody\n```\nnobody\n````\nnobody')).toEqual(['7 nobody']);
  });

  test('other files contain no prose', () => {
    expect(proseOf('a.yaml', '# nobody')).toEqual([]);
  });
});
