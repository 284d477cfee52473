import { LazyServiceIdentifier as InversifyLazyServiceIdentifier } from 'inversify';
import { describe, expect, test } from 'vitest';
import { identifierName, isIdentifier, keyText, LazyServiceIdentifier, token } from '../../src/context/key.ts';
import { unwrapIdentifier } from '../../src/context/check-key.ts';
import { IdentifierError } from '../../src/context/resource-errors.ts';

abstract class Shape {}
class Single {
  private constructor() {}
}

test('tokens and classes, including abstract ones and ones with a private constructor, are identifiers', () => {
  expect([class {}, Shape, Single, token('text')].map(isIdentifier)).toEqual([true, true, true, true]);
  expect([undefined, null, 'Shape', 1, {}, Symbol('Shape')].map(isIdentifier)).toEqual(
    Array.from({ length: 6 }, () => false),
  );
});

test('two tokens with the same name are different identifiers', () => {
  expect(token('clock')).not.toBe(token('clock'));
  expect(String(token('clock'))).toBe('clock');
});

test('keyText() includes the resource name unless it is the default one', () => {
  expect(keyText({ id: Shape, name: 'default' })).toBe('Shape');
  expect(keyText({ id: Shape, name: 'round' })).toBe('Shape "round"');
  expect(identifierName(class {})).toBe('(anonymous class)');
});

describe('unwrapIdentifier', () => {
  test('resolves a lazy identifier, including one of inversify', () => {
    expect(unwrapIdentifier(new LazyServiceIdentifier(() => Single))).toBe(Single);
    expect(unwrapIdentifier({ unwrap: () => Shape })).toBe(Shape);
    expect(unwrapIdentifier(new InversifyLazyServiceIdentifier(() => Shape) as never)).toBe(Shape);
  });

  test('returns a class as it is, even if it has a static `unwrap` method', () => {
    class Result {
      static unwrap(): never {
        throw new Error('called');
      }
    }
    expect(unwrapIdentifier(Result)).toBe(Result);
    expect(unwrapIdentifier(Shape)).toBe(Shape);
  });

  test('throws an IdentifierError when the result is undefined', () => {
    expect(() => unwrapIdentifier({ unwrap: () => undefined as never })).toThrow(IdentifierError);
  });
});
