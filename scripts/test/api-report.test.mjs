import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

import { forgottenExports, isInternal, unusedExceptions } from '../../tools/api-report/forgotten.mjs';

const folder = mkdtempSync(join(tmpdir(), 'api-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const source = `/** A public class. */
export class Public {
  /** @internal */
  constructor(
    readonly secret: Hidden,
  ) {}

  /** Returns it. */
  open(): Hidden {}

  /**
   * Returns it.
   *
   * @internal
   */
  closed(): Hidden {}

  plain(): Hidden {}
}

/** @internal */
export interface Private {
  member: Hidden;
}
`;
const lineOf = (text) => source.slice(0, source.indexOf(text)).split('\n').length;

function forgotten(symbol, text, exported = []) {
  const file = join(folder, 'a.ts');
  writeFileSync(file, source);
  const message = {
    text: `The symbol "${symbol}" needs to be exported by the entry point index.d.ts`,
    sourceFilePath: file,
    sourceFileLine: lineOf(text),
  };
  return forgottenExports([{ name: 'core', message }], new Map([['core', new Set(exported)]]));
}

test.each([
  ['constructor(', true],
  ['readonly secret', true],
  ['open()', false],
  ['closed()', true],
  ['plain()', false],
  ['member:', true],
])('whether %s is internal depends on the comments of the member and its declaration', (text, expected) => {
  expect(isInternal(source, lineOf(text))).toBe(expected);
});

test('a type without an export is reported with the place of the signature', () => {
  expect(forgotten('Hidden', 'open()')).toEqual([
    expect.stringMatching(/a\.ts:9: export Hidden, which a signature of core uses$/),
  ]);
});

test('a type of an internal member, of another entry point, or of a schema may be unknown', () => {
  expect(forgotten('Hidden', 'closed()')).toEqual([]);
  expect(forgotten('Hidden', 'open()', ['Hidden'])).toEqual([]);
  expect(forgotten('Hidden_2', 'open()', ['Hidden'])).toEqual([]);
  expect(forgotten('options', 'open()')).toEqual([]);
});

test('a type that the compiler computes is not reported', () => {
  expect(forgotten('Injection', 'open()')).toEqual([]);
});

test('an exception that no signature needs is reported', () => {
  const message = { text: 'The symbol "Injection" needs to be exported by the entry point index.d.ts' };
  const unused = unusedExceptions([{ name: 'core', message }]).join();
  expect(unused).toContain('remove Injected,');
  expect(unused).not.toContain('remove Injection,');
});
