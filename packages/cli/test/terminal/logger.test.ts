import { inspect } from 'node:util';
import type { Logger } from '@asphalt/core';
import { AsphaltError } from '@asphalt/core';
import { describe, expect, test } from 'vitest';
import { jsonLines } from '../../src/terminal/json-lines.ts';
import { createLogger } from '../../src/terminal/logger.ts';
import { painter } from '../../src/terminal/paint.ts';
import { readableLines } from '../../src/terminal/readable-lines.ts';

const throws = (message: string) => (): never => {
  throw new Error(message);
};
const circular: Record<string, unknown> = {};
circular['itself'] = circular;

/** Arguments of everyday code. The types of the logger forbid some of them. */
const calls: ReadonlyArray<readonly [name: string, ...args: unknown[]]> = [
  ['circular data', 'text', circular],
  ['a bigint', 'text', { big: 10n ** 20n }],
  ['a getter that throws', 'text', Object.defineProperty({ good: 1 }, 'bad', { enumerable: true, get: throws('no') })],
  ['names of the line', 'text', { level: 'x', time: 1, msg: 'm', component: 'c', err: new Error('inner') }],
  ['a map', 'text', new Map([['a', 1]])],
  ['a set', 'text', new Set(['a'])],
  ['a list', 'text', ['a']],
  ['a string as data', 'text', 'more'],
  ['null as data', 'text', null],
  ['a toJSON that throws', 'text', { at: { toJSON: throws('no') } }],
  ['an inspect that throws', 'text', { at: { [inspect.custom]: throws('no') } }],
  ['a proxy in the data', 'text', { proxy: new Proxy({}, { get: throws('trap') }) }],
  ['a proxy as data', 'text', new Proxy({}, { ownKeys: throws('trap') })],
  ['an invalid date', 'text', { at: new Date(NaN) }],
  ['a symbol and a function', 'text', { symbol: Symbol('x'), call: () => 1 }],
  ['a number', 42],
  ['undefined'],
  ['an object', { code: 1 }],
  ['an object that cannot be read', { [inspect.custom]: throws('no') }],
];

type Lines = (write: (text: string) => void) => Logger;

const readable: Lines = (write) =>
  createLogger(
    { level: 'info', levels: {} },
    readableLines({ paint: painter(false), write }, () => new Date(0)),
    'web',
  );
const json: Lines = (write) => createLogger({ level: 'info', levels: {} }, jsonLines({ write }), 'web');

/** Calls the method without its object, as a callback does. */
function written(lines: Lines, ...args: unknown[]): string {
  let text = '';
  const { error } = lines((more) => void (text += more));
  (error as (...args: unknown[]) => void)(...args);
  return text;
}

describe('a log call never throws, and writes a line with everything that can be read, for', () => {
  // Vitest receives the names only, because it formats the arguments of a test.
  test.each(calls.map(([name]) => name))('%s', (name) => {
    const [, ...args] = calls.find(([other]) => other === name)!;
    const line = written(readable, ...args);
    expect(line).toMatch(/ ERROR web: /);
    expect(line.endsWith('\n')).toBe(true);
    const fields = JSON.parse(written(json, ...args)) as Record<string, unknown>;
    expect(fields).toMatchObject({ level: 'error', component: 'web', msg: expect.any(String) as string });
  });

  test('unreadable values, which are marked', () => {
    const lines = calls.map(([, ...args]) =>
      written(readable, ...args)
        .slice(24)
        .replace(/\n\s+at .*/g, ''),
    );
    expect(lines.join('')).toMatchInlineSnapshot(`
      "text itself=<ref *1> { itself: [Circular *1] }
      text big=100000000000000000000n
      text good=1 bad="[unreadable: Error: no]"
      text level=x time=1 msg=m component=c
        Error: inner
      text data=[ [ 'a', 1 ] ]
      text data=[ 'a' ]
      text data=[ 'a' ]
      text data=more
      text
      text at={ toJSON: [Function (anonymous)] }
      text at=[unreadable: Error: no]
      text proxy={}
      text data="[unreadable: Error: trap]"
      text at=Invalid Date
      text symbol=Symbol(x) call=[Function: call]
      42
      undefined
      { code: 1 }
      unknown
      "
    `);
  });
});

describe('an error as the message', () => {
  test('is logged with its stack', () => {
    const error = new TypeError('disk full', { cause: new Error('no space') });
    expect(written(readable, error)).toMatch(
      /ERROR web: disk full\n {2}TypeError: disk full\n +at [^]*logger\.test\.ts[^]*caused by Error: no space/,
    );
    expect(JSON.parse(written(json, error))).toMatchObject({
      msg: 'disk full',
      error: { type: 'TypeError', message: expect.stringContaining('disk full') as string },
    });
    expect(written(readable, error, { tries: 2 })).toContain('disk full tries=2\n');
    expect(written(readable, error, new Error('another'))).toContain('Error: another');
    expect(written(readable, new RangeError())).toContain('ERROR web: RangeError\n');
  });

  test('of the runtime is logged with its help', () => {
    class QuotaError extends AsphaltError {
      readonly code = 'ERR_QUOTA';
    }
    expect(written(readable, new QuotaError({ summary: 'The quota is used up', help: 'wait' })).slice(13))
      .toMatchInlineSnapshot(`
      "ERROR web: The quota is used up
          help         wait
          code         ERR_QUOTA
      "
    `);
  });
});

describe('a child with further values', () => {
  test('adds them to each line, below the values of the line itself', () => {
    const text: string[] = [];
    const logger = createLogger(
      { level: 'info', levels: {} },
      readableLines({ paint: painter(false), write: (line) => text.push(line) }, () => new Date(0)),
    );
    const bound = logger.child({ request: 'r-17' }).child('web').child({ event: 'save#3' });
    bound.info('Saved', { event: 'own', rows: 2 });
    bound.info('Saved');
    logger.info('Unchanged');
    bound.error('Failed', new TypeError('disk full'));
    expect(text.join('').replace(/^.{13}/gm, '')).toMatch(
      /^INFO {2}web: Saved request=r-17 event=own rows=2\nINFO {2}web: Saved request=r-17 event=save#3\nINFO {2}Unchanged\nERROR web: Failed request=r-17 event=save#3\n/,
    );
    expect(text.join('')).toContain('TypeError: disk full');
  });

  test('accepts values that cannot be read', () => {
    const bad = Object.defineProperty({}, 'bad', { enumerable: true, get: throws('no') });
    const lines: Lines = (write) => json(write).child(bad);
    expect(JSON.parse(written(lines, 'text'))).toMatchObject({ msg: 'text', bad: '[unreadable: Error: no]' });
  });
});

describe('setLevel', () => {
  const lowest = (logger: Logger, text: string[]): string | undefined => {
    text.length = 0;
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level](level);
    return text[0];
  };

  test('changes the level of existing loggers of a component and its children from the next line on', () => {
    const text: string[] = [];
    const logger = createLogger({ level: 'info', levels: { sql: 'warn' } }, ({ message }) => text.push(message));
    const web = logger.child('web');
    const page = web.child('page').child({ request: 'r-17' });
    const sql = logger.child('sql');
    web.setLevel!('debug');
    expect([logger, web, page, sql].map((each) => lowest(each, text))).toEqual(['info', 'debug', 'debug', 'warn']);
    page.setLevel!('error');
    expect([web, page].map((each) => lowest(each, text))).toEqual(['debug', 'error']);
    logger.setLevel!('silent');
    expect([logger, sql].map((each) => lowest(each, text))).toEqual([undefined, 'warn']);
  });
});
