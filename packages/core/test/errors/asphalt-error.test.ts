import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { AsphaltError } from '@asphalt/core';
import { describeThrown, type Explanation } from '@asphalt/core/errors';
import { describe, expect, test } from 'vitest';

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

describe('an error message', () => {
  test('contains a summary, labelled lines, help and a code', () => {
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

  test('may consist of only a summary and a code', () => {
    class PlainError extends AsphaltError {
      readonly code = 'ERR_X';
    }
    expect(new PlainError({ summary: 'It failed', help: [] }).message).toMatchInlineSnapshot(`
      "It failed
        code         ERR_X"
    `);
    expect(new PlainError({ summary: 'It failed', help: 'try again' }).message).toMatchInlineSnapshot(`
      "It failed
        help         try again
        code         ERR_X"
    `);
  });
});

describe('an AsphaltError', () => {
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

  test('prints each part of its message only once when inspected', () => {
    const printed = inspect(error);
    expect(printed).toContain('PoolError: The pool has 0 connections\n  help         make it larger');
    expect(printed.match(/make it larger/g)).toHaveLength(1);
    expect(Object.keys(error)).toEqual(['size', 'code']);
  });

  test('is recognized by AsphaltError.is(), including errors of another copy of the runtime', () => {
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
  [new AggregateError([new Error('refused by ::1\nmore'), new Error('')], ''), 'AggregateError: refused by ::1'],
  [
    new AggregateError(['one', 'two', 'three', 'four'].map((reason) => new Error(reason))),
    'AggregateError: one; two; and 2 more',
  ],
  [new AggregateError(['text', null]), 'AggregateError'],
  [new AggregateError([new Error('one')], 'All failed'), 'AggregateError: All failed'],
  ['text', 'threw a non-Error value: "text"'],
  ['two\nlines', 'threw a non-Error value: "two"'],
  [undefined, 'threw a non-Error value: undefined'],
  [null, 'threw a non-Error value: null'],
  [Symbol('gone'), 'threw a non-Error value: Symbol(gone)'],
  [{ status: 404 }, 'threw a non-Error value: { status: 404 }'],
  [Object.create(null), 'threw a non-Error value: [Object: null prototype] {}'],
  [runInNewContext('({ a: { b: { c: 1 } } })'), 'threw a non-Error value: { a: [Object] }'],
])('describeThrown() describes %o in one line', (thrown, text) => {
  expect(describeThrown(thrown)).toBe(text);
});

test('describeThrown() describes a value whose parts cannot be read', () => {
  const message = { get: () => Symbol('no text') };
  const { proxy: revoked, revoke } = Proxy.revocable(new Error('revoked'), {});
  revoke();
  for (const thrown of [Object.defineProperty(new Error('hidden'), 'message', message), revoked]) {
    expect(describeThrown(thrown)).toBe('threw a value that cannot be described');
  }
});

test('the diagnostics channel receives each error when it is created', () => {
  const received: unknown[] = [];
  const receive = (error: unknown): void => void received.push(error);
  subscribe('asphalt:error', receive);
  const error = new PoolError(1);
  unsubscribe('asphalt:error', receive);
  new PoolError(2);
  expect(received).toEqual([error]);
  expect((received[0] as PoolError).size).toBe(1);
});
