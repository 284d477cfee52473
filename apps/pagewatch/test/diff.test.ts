import { describe, expect, test } from 'vitest';
import { diffHtml } from '../src/diff-html.ts';
import { diffText } from '../src/diff-text.ts';
import { diffTexts, summarize, type PageDiff } from '../src/diff.ts';

/** Returns the lines of a difference with changed words in brackets. */
function drawn({ hunks }: PageDiff): string[] {
  const marks = { same: ' ', removed: '-', added: '+' };
  return hunks.flatMap(({ lines }) =>
    lines.map(({ kind, segments }) => marks[kind] + segments.map((s) => (s.changed ? `[${s.text}]` : s.text)).join('')),
  );
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

describe('a difference', () => {
  test('shows changed lines with two lines of context', () => {
    const diff = diffTexts('a\nb\nc\nd\ne\nf', 'a\nb\nc\nx\nd\ne\nf');
    expect(drawn(diff)).toEqual([' b', ' c', '+x', ' d', ' e']);
    expect(diff).toMatchObject({ added: 1, removed: 0, omitted: 0, hunks: [{ before: 2, after: 2 }] });
  });

  test('has a separate hunk for each changed place', () => {
    const before = lines(20, (index) => `line ${index}`);
    const after = before.replace('line 2\n', '').replace('line 17', 'line XVII');
    expect(diffTexts(before, after).hunks).toHaveLength(2);
  });

  test('marks the words that differ in rewritten lines, and joins adjacent words to a phrase', () => {
    const diff = diffTexts('API: all is well\nMail: fine', 'API: it is very bad\nMail: fine');
    expect(drawn(diff)).toEqual(['-API: [all] is [well]', '+API: [it] is [very bad]', ' Mail: fine']);
  });

  test('compares a line with the line that it became, not with the line at the same position', () => {
    const diff = diffTexts('Tea costs 3 euros\nbye', 'Something new altogether\nTea costs 4 euros\nbye');
    expect(drawn(diff)).toEqual(['-Tea costs [3] euros', '+Something new altogether', '+Tea costs [4] euros', ' bye']);
  });

  test('does not compare words of lines that have little in common', () => {
    expect(drawn(diffTexts('one two three', 'alpha beta gamma'))).toEqual(['-one two three', '+alpha beta gamma']);
  });

  test('from or to an empty text contains the whole text', () => {
    expect(drawn(diffTexts('', 'a\nb'))).toEqual(['+a', '+b']);
    expect(drawn(diffTexts('a', ''))).toEqual(['-a']);
    expect(diffTexts('a', 'a')).toEqual({ hunks: [], added: 0, removed: 0, omitted: 0 });
  });

  test('does not confuse diff marks in the text with its own', () => {
    expect(drawn(diffTexts('-- a\n+ b', '-- a\n@@ c\n\\ d'))).toEqual([' -- a', '-+ b', '+@@ c', '+\\ d']);
  });

  test('that is too long is cut, and reports the number of omitted lines', () => {
    const diff = diffTexts(
      '',
      lines(1_000, (index) => `line ${index}`),
    );
    expect(drawn(diff)).toHaveLength(400);
    expect(diff).toMatchObject({ added: 1_000, omitted: 600 });
    expect(diffText(diff)).toMatch(/600 more lines$/);
  });

  test('of texts without common lines is bounded in time and in size', () => {
    const start = process.cpuUsage();
    const diff = diffTexts(
      lines(20_000, (index) => `before ${index * 7}`),
      lines(20_000, (index) => `after ${index * 3}`),
    );
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(5_000);
    expect(diff).toMatchObject({ added: 20_000, removed: 20_000, omitted: 39_600 });
  });

  test('does not cut a line inside a character', () => {
    const [line] = drawn(diffTexts('', `x${'😀'.repeat(1_000)}`));
    expect(line).toBe(`+x${'😀'.repeat(499)}…`);
  });

  test('cuts very long lines', () => {
    const [line] = drawn(diffTexts('', 'x'.repeat(2_000_000)));
    expect(line).toHaveLength(1 + 1_000 + 1);
  });
});

test.each([
  [{ added: 1, removed: 0 }, '1 line added'],
  [{ added: 0, removed: 1_200 }, '1,200 lines removed'],
  [{ added: 2, removed: 2 }, '2 lines changed'],
  [{ added: 2, removed: 1 }, '2 lines added, 1 removed'],
])('summarize(%o) returns "%s"', (counts, expected) => {
  expect(summarize(counts)).toBe(expected);
});

test('diffText renders a difference as plain text', () => {
  const before = lines(12, (index) => `line ${index}`);
  const after = before.replace('line 1\n', '').replace('line 10', 'line ten');
  expect(diffText(diffTexts(before, after))).toMatchInlineSnapshot(`
    "  line 0
    - line 1
      line 2
      line 3

      ⋯

      line 8
      line 9
    - line 10
    + line ten
      line 11"
  `);
});

describe('diffHtml', () => {
  test('marks lines and words with elements and classes', async () => {
    const html = String(await diffHtml(diffTexts('a b', 'a c')));
    expect(html).toContain('<div class="line removed">');
    expect(html).toContain('a <del class="word-removed">b</del>');
    expect(html).toContain('a <ins class="word-added">c</ins>');
  });

  test('labels changed lines for screen readers', async () => {
    expect(String(await diffHtml(diffTexts('', 'x')))).toContain('<span class="spoken">added: </span>x');
  });

  test('escapes the text of a page', async () => {
    const hostile = `<script>alert(1)</script> <img src=x onerror='alert("2")'>`;
    const html = String(await diffHtml(diffTexts('harmless one', `harmless two ${hostile}`)));
    expect(html).not.toMatch(/<(script|img)/);
    expect(html).not.toContain('"2"');
    expect(html).toContain('&lt;script&gt;');
  });
});
