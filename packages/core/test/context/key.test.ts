import {
  component,
  Component,
  Context,
  inject,
  LazyServiceIdentifier,
  provides,
  token,
  type ServiceIdentifier,
} from '@asphalt/core';
import { IdentifierError } from '@asphalt/core/errors';
import { keyText } from '@asphalt/core/inspect';
import { problemOf, problemsOf } from '@asphalt/test-support';
import { LazyServiceIdentifier as InversifyLazyServiceIdentifier } from 'inversify';
import { describe, expect, test } from 'vitest';

abstract class Shape {}
class Single {
  private constructor() {}
}

function add(id: unknown): void {
  new Context('app').addResource(id as ServiceIdentifier<string>, 'value');
}

test('tokens and classes, including abstract ones and ones with a private constructor, are identifiers', () => {
  for (const id of [class {}, Shape, Single, token('text')]) expect(() => add(id)).not.toThrow();
  for (const id of [undefined, null, 'Shape', 1, {}, Symbol('Shape')]) expect(() => add(id)).toThrow(IdentifierError);
});

test('two tokens with the same name are different identifiers', () => {
  expect(token('clock')).not.toBe(token('clock'));
  expect(String(token('clock'))).toBe('clock');
});

test('keyText() includes the resource name unless it is the default one', () => {
  expect(keyText({ id: Shape, name: 'default' })).toBe('Shape');
  expect(keyText({ id: Shape, name: 'round' })).toBe('Shape "round"');
  expect(keyText({ id: (() => class {})(), name: 'default' })).toBe('(anonymous class)');
});

describe('a lazy identifier', () => {
  class Result {
    static unwrap(): never {
      throw new Error('called');
    }
  }
  class Providers extends Component {
    @provides(Shape) shape(): Shape {
      return new (class extends Shape {})();
    }
    @provides(Result) result(): Result {
      return new Result();
    }
  }
  const lazy = (id: { unwrap(): unknown }) => id as unknown as LazyServiceIdentifier<Shape>;

  test('resolves to its identifier, including one of inversify', async () => {
    class Consumer extends Component {
      @inject(new LazyServiceIdentifier(() => Shape)) readonly own!: Shape;
      @inject(lazy(new InversifyLazyServiceIdentifier(() => Shape))) readonly inversify!: Shape;
      @inject(lazy({ unwrap: () => Shape })) readonly other!: Shape;
    }
    @component({ components: { providers: Providers, consumer: Consumer } })
    class App extends Component {}
    expect(await problemsOf(App)).toEqual([]);
  });

  test('is not a class with a static `unwrap` method', async () => {
    class Consumer extends Component {
      @inject(Result) readonly found!: Result;
    }
    @component({ components: { providers: Providers, consumer: Consumer } })
    class App extends Component {}
    expect(await problemsOf(App)).toEqual([]);
  });

  test('is a problem if it resolves to undefined', async () => {
    class App extends Component {
      @inject(lazy({ unwrap: () => undefined })) readonly shape!: Shape;
    }
    expect(await problemOf(App)).toContain('its lazy identifier failed');
  });
});
