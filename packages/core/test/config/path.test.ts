import { expect, test } from 'vitest';
import { formatPath, parsePath, valueAt } from '../../src/config/path.ts';

test('parsePath() splits a path at dots that are not escaped', () => {
  expect(parsePath('logging.levels.asphalt\\.sql')).toEqual(['logging', 'levels', 'asphalt.sql']);
  expect(parsePath('detector/news.every')).toEqual(['detector/news', 'every']);
});

test('parsePath() reverses formatPath()', () => {
  const path = ['a.b', 'c', '.', 'd\\e'];
  expect(parsePath(formatPath(path))).toEqual(path);
});

test('valueAt() ignores inherited properties', () => {
  expect(valueAt({ a: [{ b: 1 }] }, ['a', '0', 'b'])).toBe(1);
  expect(valueAt({}, ['toString'])).toBeUndefined();
  expect(valueAt({ a: 'text' }, ['a', 'length'])).toBeUndefined();
});
