import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { tempFolder } from '@asphalt/test-support';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfigFile } from '../../src/config/sources/files.ts';
import { redactLine } from '../../src/config/sources/code-frame.ts';
import { parseSet } from '../../src/config/sources/set.ts';

describe('redactLine()', () => {
  test.each([
    ['  port: 80', '  port: …'],
    ['password: "hunter2', 'password: …'],
    ['password: |hunter2', 'password: …'],
    ['password: hunter2: x, y: z', 'password: …'],
    ['url: http://ada:hunter2@example.org', 'url: …'],
    ['  - { name: a b, tags: [x, "y, z"], port:80 }', '  - { name: …, tags: […, …], …}'],
    ['  - hunter2', '  - …'],
    ['{"a":"hunter2","b":{"c":[1,,2]}}', '{"a":…,"b":{"c":[…,,…]}}'],
    ['  "a": 1 "b": 2', '  "a": …'],
    ['}, "b": [1, 2', '}, "b": […, …'],
    ['a: [1, {b: "hunter2, c: 3', 'a: […, {b: …'],
    ['"two words": 1', '"two words": …'],
    ['\'!b: ["hunter2!", {\': 1', '…'],
    ['just text', '…'],
    ['---', '---'],
    ['', ''],
  ])('redacts %j to %j', (line, text) => {
    expect(redactLine(line, 0).text).toBe(text);
  });

  test('keeps the marked column at the same key, token or value', () => {
    const line = 'a: [one, two}, three]';
    const under = (column: number): string => redactLine(line, column).text.slice(redactLine(line, column).column);
    expect([0, 4, 6, 12, 20, 21].map(under)).toEqual(['a: […, …}, …]', '…, …}, …]', '…, …}, …]', '}, …]', ']', '']);
  });

  test('takes bounded time for a very long line', { timeout: 15_000 }, () => {
    for (const piece of ['[', ', "', "{'", '- ', 'a: ', '"\\"', ',a']) {
      const line = piece.repeat(200_000);
      expect(redactLine(line, line.length).column).toBeLessThanOrEqual(line.length);
    }
  });
});

describe('the error for text that cannot be parsed shows no value', () => {
  const secret = 'hunter2!';
  const yaml = `component: # the root
  type: ./app.ts:App
  password: ${secret}
  quoted: "${secret} ${secret}"
  single: '${secret}'
  text: |
    ${secret}
    ${secret}
  folded: >-
    ${secret}
  list: [${secret}, "${secret}"]
  map: { a: ${secret}, b: { c: '${secret}' } }
  items:
    - ${secret}
    - { d: "${secret}" }
  anchored: &one ${secret}
`;
  const json = JSON.stringify({ a: secret, b: [secret, { c: secret }], d: { e: secret } }, undefined, 2);
  const texts = {
    'a.yaml': yaml,
    'a.json': json,
    'a.json5': `{ a: '${secret}', b: ["${secret}", { c: "${secret}" }], }`,
  };
  /**
   * An edit may delete the text between a value and the next colon, so that the value becomes a key. Keys are shown.
   * Everywhere else in the same text, the secret is still a value.
   */
  const asKey = /(?:\bhunter2[\w./-]*|"[^"'[\]{},:]*hunter2[^"'[\]{},:]*"|'[^"'[\]{},:]*hunter2[^"'[\]{},:]*')\s*:/g;
  /** The text that edits insert. It contains no colon, because text before a colon is a key, and keys are shown. */
  const noise = fc.constantFrom(
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    ',',
    '|',
    '>',
    '&',
    '*',
    '!',
    '%',
    '@',
    '`',
    '#',
    '\\',
    '\t',
    '-',
    '?',
    '\n',
    '\0',
    '|x',
    '\\q',
    '!!',
    '&a ',
    '*b ',
    '\n%',
  );
  const edits = fc.array(fc.record({ at: fc.nat(), remove: fc.nat({ max: 3 }), insert: noise }), {
    minLength: 1,
    maxLength: 4,
  });

  test.each(Object.entries(texts))('in %s after random edits', (name, whole) => {
    const cwd = tempFolder();
    const errors: string[] = [];
    fc.assert(
      fc.property(edits, (changes) => {
        let text = whole;
        for (const { at, remove, insert } of changes) {
          const offset = at % text.length;
          text = text.slice(0, offset) + insert + text.slice(offset + remove);
        }
        writeFileSync(join(cwd, name), text);
        try {
          readConfigFile(name, { cwd, env: {} });
        } catch (error) {
          errors.push(inspect(error, { depth: 10 }));
        }
      }),
      { numRuns: 1_000 },
    );
    expect(errors.length).toBeGreaterThan(300);
    expect(errors.filter((text) => text.replaceAll(asKey, '').includes('hunter'))).toEqual([]);
  });

  test.each([
    '*hunter2',
    '!hunter2',
    '|hunter2',
    '%hunter2',
    '@hunter2',
    '`hunter2',
    '"\\hunter2"',
    '[hunter2',
    '&hunter2 &hunter3 x',
    '!<hunter2',
  ])('for a password that has a meaning in YAML (%#)', (typed) => {
    const cwd = tempFolder({ 'a.yaml': `password: ${typed}\n` });
    const call = () => readConfigFile('a.yaml', { cwd, env: {} });
    expect(call).toThrow(/^Cannot read/);
    expect(call).not.toThrow(/hunter/);
    expect(parseSet(`password=${typed}`, { cwd, env: {} })).toMatchObject({ typed, value: typed });
  });
});
