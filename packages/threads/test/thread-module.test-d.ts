import { expectTypeOf, test } from 'vitest';
import { ThreadPool, transfer, type ThreadModule } from '../src/index.ts';

type Work = typeof import('./modules/work.ts');

declare const work: ThreadModule<Work>;
declare const pool: ThreadPool;
declare const bytes: Uint8Array<ArrayBuffer>;

test('a function has the same arguments and returns a promise of its result', () => {
  expectTypeOf(work.double(1)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(work.inverted(bytes)).toEqualTypeOf<Promise<Uint8Array<ArrayBuffer>>>();
  expectTypeOf(work.crash()).toEqualTypeOf<Promise<void>>();
  // @ts-expect-error -- the argument is of another type
  void work.double('1');
  // @ts-expect-error -- an argument is missing
  void work.double();
  // @ts-expect-error -- too many arguments
  void work.double(1, 2);
  // @ts-expect-error -- the result is a promise
  const result: number = work.double(1);
});

test('a function that returns a generator returns an async iterable', () => {
  expectTypeOf(work.count(new Int32Array(2))).toEqualTypeOf<AsyncIterable<number>>();
  expectTypeOf(work.squares(2)).toEqualTypeOf<AsyncIterable<number>>();
  // @ts-expect-error -- the items come from another thread, so they cannot be iterated synchronously
  for (const item of work.squares(2)) void item;
});

test('a module has only functions', () => {
  expectTypeOf<keyof ThreadModule<Work>>().not.toEqualTypeOf<keyof Work>();
  expectTypeOf<Extract<keyof ThreadModule<Work>, 'constant' | 'Picture'>>().toBeNever();
  // @ts-expect-error -- a constant stays in its thread
  void work.constant;
  // @ts-expect-error -- a class stays in its thread
  void new work.Picture();
  // @ts-expect-error -- no such function
  void work.triple(1);
  // @ts-expect-error -- the functions of a module are readonly
  work.double = work.thread;
});

test('a function with other options keeps its type', () => {
  const soon = work.double.with({ timeoutMs: 5, abort: new AbortController().signal, context: { name: 'request' } });
  expectTypeOf(soon).toEqualTypeOf<(value: number) => Promise<number>>();
  // @ts-expect-error -- no such option
  work.double.with({ timeout: 5 });
});

test('a pool returns the requested module', () => {
  expectTypeOf(pool.module<Work>(new URL('file:///work.ts'))).toEqualTypeOf<Promise<ThreadModule<Work>>>();
  // @ts-expect-error -- classes of errors, not names
  void pool.module<Work>(new URL('file:///work.ts'), { errors: ['TypeError'] });
});

test('a moved value keeps its type', () => {
  expectTypeOf(transfer(bytes, [bytes.buffer])).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
  // @ts-expect-error -- a string cannot be moved
  transfer(bytes, ['bytes']);
});
