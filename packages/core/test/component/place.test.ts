import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { captureSite, placeOf, placeText, SourceMaps } from '../../src/component/place.ts';

describe('the place of a stack frame', () => {
  test.each([
    ['Error\n    at file:///src/app.ts:3:14', '/src/app.ts', 3, 14],
    ['Error\n    at /src/app.ts:3:14', '/src/app.ts', 3, 14],
    ['Error\n    at decorate (/src/app.ts:3:14)', '/src/app.ts', 3, 14],
    ['Error\n    at new App (file:///src/app.ts?v=1:3:14)', '/src/app.ts', 3, 14],
    ['Error\n    at async Promise.all (/my files (copy)/app.ts:3:14)', '/my files (copy)/app.ts', 3, 14],
    ['Error\n    at file:///my%20files/app.ts:3:14', '/my files/app.ts', 3, 14],
  ])('the place of %j is parsed', (stack, file, line, column) => {
    expect(placeOf({ stack })).toEqual({ file, line, column });
  });

  test.each(['', 'Error', 'Error\n    at <anonymous>', 'Error\n    at node:internal/main:1:2'])(
    'the place is unknown in %j',
    (stack) => {
      expect(placeOf({ stack })).toBeUndefined();
    },
  );

  test('a place in compiled code is mapped to its source', () => {
    // The first column of the second line comes from line 5, column 3 of the source.
    const map = { version: 3, sources: ['../src/app.ts'], names: [], mappings: ';AAIE' };
    const folder = tempFolder({
      'dist/app.js': '',
      'dist/app.js.map': JSON.stringify(map),
      'dist/bad.js': '',
      'dist/bad.js.map': '{',
    });
    expect(placeOf({ stack: `at ${join(folder, 'dist/app.js')}:2:1` })).toEqual({
      file: join(folder, 'src/app.ts'),
      line: 5,
      column: 3,
    });
    expect(placeOf({ stack: `at ${join(folder, 'dist/bad.js')}:2:1` })).toMatchObject({ line: 2, column: 1 });
    expect(placeOf({ stack: `at ${join(folder, 'dist/none.js')}:2:1` })).toMatchObject({ line: 2, column: 1 });
  });
});

test('a source map is read once for all calls with the same maps', () => {
  const map = JSON.stringify({ version: 3, sources: ['app.ts'], names: [], mappings: ';AAIE' });
  const folder = tempFolder({ 'app.js': '', 'app.js.map': map });
  const site = { stack: `at ${join(folder, 'app.js')}:2:1` };
  const maps = new SourceMaps();
  expect(placeOf(site, maps)).toMatchObject({ file: join(folder, 'app.ts'), line: 5 });
  rmSync(join(folder, 'app.js.map'));
  expect(placeOf(site, maps)).toMatchObject({ file: join(folder, 'app.ts'), line: 5 });
  expect(placeOf(site)).toMatchObject({ file: join(folder, 'app.js'), line: 2 });
});

test('captureSite captures the caller and keeps Error.stackTraceLimit', () => {
  const limit = Error.stackTraceLimit;
  const called = (): ReturnType<typeof captureSite> => captureSite(called);
  expect(placeOf(called())?.file).toMatch(/place\.test\.ts$/);
  expect(Error.stackTraceLimit).toBe(limit);
});

test('a place below the working folder is shown as a relative path', () => {
  expect(placeText({ file: join(process.cwd(), 'src/app.ts'), line: 3, column: 1 })).toBe('src/app.ts:3');
  expect(placeText({ file: '/elsewhere/app.ts', line: 3, column: 1 })).toBe('/elsewhere/app.ts:3');
  expect(placeText(undefined)).toBeUndefined();
});
