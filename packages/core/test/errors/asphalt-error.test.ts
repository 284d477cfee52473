import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { AsphaltError, describeThrown, render, type Explanation } from '../../src/errors/asphalt-error.ts';

class PoolError extends AsphaltError {
  readonly code = 'ERR_POOL';

  constructor(
    readonly size: number,
    explanation: Partial<Explanation> = {},
    options?: ErrorOptions,
  ) {
    super({ summary: `The pool has ${size} connections`, ...explanation }, options);
  }
}

describe('a message', () => {
  test('has a summary, labelled lines, help and a code', () => {
    const error = new PoolError(0, {
      details: [
        ['called in', 'component `db`'],
        ['note', undefined],
        ['path', 'app\n› db'],
        ['', 'a ─▶ b\nb ─▶ a'],
        ['1.', 'one\n  help  two'],
      ],
      help: ['make it larger', 'use fewer'],
    });
    expect(error.message).toMatchInlineSnapshot(`
      "The pool has 0 connections
        called in    component \`db\`
        path         app
                     › db
          a ─▶ b
          b ─▶ a
        1. one
             help  two
        help         make it larger
                     or use fewer
        code         ERR_POOL"
    `);
  });

  test('may be a summary alone', () => {
    expect(render({ summary: 'It failed' })).toBe('It failed');
    expect(render({ summary: 'It failed', help: [] }, 'ERR_X')).toMatchInlineSnapshot(`
      "It failed
        code         ERR_X"
    `);
    expect(render({ summary: 'It failed', help: 'try again' })).toMatchInlineSnapshot(`
      "It failed
        help         try again"
    `);
  });
});

describe('an error', () => {
  const cause = new Error('refused');
  const error = new PoolError(0, { help: 'make it larger' }, { cause });

  test('has the name of its class, its fields and its cause', () => {
    expect([error.name, error.summary, error.code, error.size, error.cause]).toEqual([
      'PoolError',
      'The pool has 0 connections',
      'ERR_POOL',
      0,
      cause,
    ]);
    expect(error).toBeInstanceOf(Error);
    expect(error.toString()).toBe(`PoolError: ${error.message}`);
  });

  test('is printed with its message, and its fields are not said twice', () => {
    const printed = inspect(error);
    expect(printed).toContain('PoolError: The pool has 0 connections\n  help         make it larger');
    expect(printed.match(/make it larger/g)).toHaveLength(1);
    expect(Object.keys(error)).toEqual(['size', 'code']);
  });

  test('is told from others, also across two copies of the runtime', () => {
    const copy: unknown = Object.defineProperty(new Error('other copy'), Symbol.for('@asphalt/core/error'), {
      value: true,
    });
    expect([error, copy].map(AsphaltError.is)).toEqual([true, true]);
    const others = [
      new Error('x'),
      { code: 'ERR_POOL' },
      'x',
      null,
      undefined,
      { [Symbol.for('@asphalt/core/error')]: true },
    ];
    expect(others.map(AsphaltError.is)).toEqual(others.map(() => false));
  });
});

test.each<[unknown, string]>([
  [new PoolError(0, { help: 'x' }), 'The pool has 0 connections'],
  [new TypeError('not callable'), 'TypeError: not callable'],
  [new TypeError(''), 'TypeError'],
  [new Error('first line\nsecond line'), 'Error: first line'],
  ['text', 'thrown value text'],
  ['two\nlines', 'thrown value two'],
  [undefined, 'thrown value undefined'],
  [null, 'thrown value null'],
  [Symbol('gone'), 'thrown value Symbol(gone)'],
  [{ status: 404 }, 'thrown value { status: 404 }'],
  [Object.create(null), 'thrown value [Object: null prototype] {}'],
  [runInNewContext('({ a: { b: { c: 1 } } })'), 'thrown value { a: [Object] }'],
])('describeThrown tells in one line what %o is', (thrown, text) => {
  expect(describeThrown(thrown)).toBe(text);
});
