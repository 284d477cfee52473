import { expect, test } from 'vitest';
import { pairLines } from '../src/pair-lines.ts';

test('each line is paired with the most similar line', () => {
  expect(pairLines(['red apples 3', 'green pears 5'], ['new', 'red apples 4', 'green pears 6', 'more'])).toEqual([
    1, 2,
  ]);
});

test('lines without a similar line are not paired', () => {
  expect(pairLines(['something else', 'tea 3'], ['tea 4', 'and so on'])).toEqual([undefined, 0]);
});

test('pairs do not cross', () => {
  expect(pairLines(['aa bb cc dd', 'xx yy'], ['xx zz', 'aa bb cc dd'])).toEqual([1, undefined]);
});

test('with very many lines, only lines at the same position are compared', () => {
  const many = Array.from({ length: 100 }, (_, index) => `article number ${index}`);
  expect(pairLines(many, many)).toEqual(many.map((_, index) => index));
  expect(pairLines(many, many.slice(0, 99)).at(-1)).toBeUndefined();
});
