import { describe, expect, test } from 'vitest';
import { overlap, specificity } from '../src/routes/paths.ts';

describe('two paths', () => {
  test.each([
    ['*', '/'],
    ['/*', '/a/b'],
    ['/a/*', '/a'],
    ['/a/*', '/a/b/c'],
    ['/:a', '/b'],
    ['/:a/*', '/b/c'],
    ['/a/:b', '/:c/d'],
    ['/a/:b?', '/a'],
    ['/a/:b?', '/a/c'],
    ['/:a?/b', '/b'],
    ['/a/:rest{.+}', '/a/b/c'],
    ['/a/:rest{.+}', '/a/b/*'],
    ['/:rest{.+}/end', '/a/b/end'],
    ['/:rest{a/b}', '/a/b'],
    ['/:rest{.*}', '/a/b'],
    ['/a/:rest{.*}/c', '/a/b'],
    ['/a/:b{[a-z]+}?', '/a'],
    ['/:rest{.*}', '/'],
  ])('overlap: %s and %s', (a, b) => {
    expect([overlap(a, b), overlap(b, a)]).toEqual([true, true]);
  });

  test.each([
    ['/', '/a'],
    ['/a', '/b'],
    ['/a/*', '/b'],
    ['/a/*', '/b/*'],
    ['/a/b', '/a'],
    ['/:a', '/b/c'],
    ['/a/:b', '/b/:b'],
    ['/a/:rest{.+}', '/b/c'],
    ['/a/:b{[a-z]+}', '/a'],
  ])('do not overlap: %s and %s', (a, b) => {
    expect([overlap(a, b), overlap(b, a)]).toEqual([false, false]);
  });
});

test('fixed segments, patterns, parameters, optional parameters and wildcards are sorted in this order', () => {
  const sorted = ['/a/b', '/a/:b{[0-9]+}', '/a/:b', '/a/:b?', '/a/*', '/:a', '*'];
  expect(sorted.toReversed().toSorted((a, b) => (specificity(a) < specificity(b) ? -1 : 1))).toEqual(sorted);
});
