import { LazyServiceIdentifier as InversifyLazyServiceIdentifier } from 'inversify';
import { describe, expect, test } from 'vitest';
import {
  IdentifierError,
  identifierName,
  isIdentifier,
  keyText,
  LazyServiceIdentifier,
  token,
  unwrapIdentifier,
} from '../../src/context/key.ts';

abstract class Shape {}
class Single {
  private constructor() {}
}

test('classes, abstract ones and ones with a private constructor, and tokens are identifiers', () => {
  expect([class {}, Shape, Single, token('text')].map(isIdentifier)).toEqual([true, true, true, true]);
  expect([undefined, null, 'Shape', 1, {}, Symbol('Shape')].map(isIdentifier)).toEqual(
    Array.from({ length: 6 }, () => false),
  );
});

test('tokens of the same name are different', () => {
  expect(token('clock')).not.toBe(token('clock'));
  expect(String(token('clock'))).toBe('clock');
});

test('keys are written with their name unless it is the default one', () => {
  expect(keyText({ id: Shape, name: 'default' })).toBe('Shape');
  expect(keyText({ id: Shape, name: 'round' })).toBe('Shape "round"');
  expect(identifierName(class {})).toBe('(anonymous class)');
});

describe('unwrapIdentifier', () => {
  test('follows a lazy identifier, also one of inversify', () => {
    expect(unwrapIdentifier(new LazyServiceIdentifier(() => Single))).toBe(Single);
    expect(unwrapIdentifier({ unwrap: () => Shape })).toBe(Shape);
    expect(unwrapIdentifier(new InversifyLazyServiceIdentifier(() => Shape) as never)).toBe(Shape);
  });

  test('leaves real identifiers alone, also a class that has an `unwrap` of its own', () => {
    class Result {
      static unwrap(): never {
        throw new Error('called');
      }
    }
    expect(unwrapIdentifier(Result)).toBe(Result);
    expect(unwrapIdentifier(Shape)).toBe(Shape);
  });

  test('tells when the real one is still undefined', () => {
    expect(() => unwrapIdentifier({ unwrap: () => undefined as never })).toThrow(IdentifierError);
  });
});
