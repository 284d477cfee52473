import { expect, test } from 'vitest';
import { formatPath, parsePath, valueAt } from '../../src/config/path.ts';

test('a path is split at dots, except at escaped ones', () => {
  expect(parsePath('logging.levels.asphalt\\.sql')).toEqual(['logging', 'levels', 'asphalt.sql']);
  expect(parsePath('detector/news.every')).toEqual(['detector/news', 'every']);
});

test('a written path is read back as it was', () => {
  const path = ['a.b', 'c', '.', 'd\\e'];
  expect(parsePath(formatPath(path))).toEqual(path);
});

test('a path does not lead into what an object inherits', () => {
  expect(valueAt({ a: [{ b: 1 }] }, ['a', '0', 'b'])).toBe(1);
  expect(valueAt({}, ['toString'])).toBeUndefined();
  expect(valueAt({ a: 'text' }, ['a', 'length'])).toBeUndefined();
});
