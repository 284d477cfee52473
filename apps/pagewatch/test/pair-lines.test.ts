import { expect, test } from 'vitest';
import { pairLines } from '../src/pair-lines.ts';

test('each line finds the one that is most like it', () => {
  expect(pairLines(['red apples 3', 'green pears 5'], ['new', 'red apples 4', 'green pears 6', 'more'])).toEqual([
    1, 2,
  ]);
});

test('lines that are like none stay alone', () => {
  expect(pairLines(['something else', 'tea 3'], ['tea 4', 'and so on'])).toEqual([undefined, 0]);
});

test('pairs do not cross', () => {
  expect(pairLines(['aa bb cc dd', 'xx yy'], ['xx zz', 'aa bb cc dd'])).toEqual([1, undefined]);
});

test('of very many lines, those at the same place are compared', () => {
  const many = Array.from({ length: 100 }, (_, index) => `article number ${index}`);
  expect(pairLines(many, many)).toEqual(many.map((_, index) => index));
  expect(pairLines(many, many.slice(0, 99)).at(-1)).toBeUndefined();
});
