/** The functions that the tests run in threads. */
import { pbkdf2Sync } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { threadId } from 'node:worker_threads';
import { currentCall, transfer } from '@asphalt/threads/worker';
import { PictureError } from './picture-error.ts';

export const constant = 42;
export class Picture {}

export function thread(): number {
  return threadId;
}

export function double(value: number): number {
  return value * 2;
}

export async function later<T>(value: T): Promise<T> {
  return value;
}

export function contextName(): string | undefined {
  return currentCall()?.contextName;
}

export function hash(password: string): string {
  return pbkdf2Sync(password, 'salt', 10, 32, 'sha256').toString('hex');
}

/** Inverts the bytes in place and moves them back. */
export function inverted(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  for (const [index, byte] of bytes.entries()) bytes[index] = 255 - byte;
  return transfer(bytes, [bytes.buffer]);
}

export function fail(how: 'type' | 'picture' | 'aggregate' | 'text' | 'none'): never {
  switch (how) {
    case 'type':
      throw new TypeError('not a picture', { cause: new RangeError('inner') });
    case 'picture':
      throw new PictureError('cat.png', { cause: new PictureError('raw.png') });
    case 'aggregate':
      throw new AggregateError([new PictureError('a'), new TypeError('b')], 'both');
    case 'text':
      throw 'plain text';
    case 'none':
      throw undefined;
  }
}

export function failOddly(): never {
  const error: Error & { self?: unknown; callback?: unknown } = new Error('odd');
  error.self = error;
  error.callback = () => undefined;
  throw error;
}

export function unclonable(): unknown {
  return () => undefined;
}

/** Reports through shared memory that it runs, and does not end until its thread is terminated. */
export function spin(shared: Int32Array): never {
  Atomics.store(shared, 0, 1);
  Atomics.notify(shared, 0);
  for (;;) Atomics.add(shared, 1, 1);
}

/** Blocks its thread until it is released through shared memory. */
export function hold(shared: Int32Array): string {
  Atomics.store(shared, 0, 1);
  Atomics.notify(shared, 0);
  Atomics.wait(shared, 1, 0);
  return 'released';
}

/** Throws the reason of its signal when the signal fires. */
export async function untilAborted(shared: Int32Array, abort: AbortSignal): Promise<string> {
  Atomics.store(shared, 0, 1);
  Atomics.notify(shared, 0);
  await new Promise((resolve) => abort.addEventListener('abort', resolve));
  Atomics.store(shared, 1, 1);
  abort.throwIfAborted();
  return 'never';
}

/** Returns a result when its signal fires. */
export async function soFar(shared: Int32Array, abort: AbortSignal): Promise<string> {
  Atomics.store(shared, 0, 1);
  Atomics.notify(shared, 0);
  await new Promise((resolve) => abort.addEventListener('abort', resolve));
  return `stopped: ${(abort.reason as Error).message}`;
}

/** Receives a signal and ignores it. */
export function deaf(shared: Int32Array, _abort: AbortSignal): never {
  return spin(shared);
}

export function exit(): never {
  process.exit(3);
}

export async function crash(): Promise<void> {
  setImmediate(() => {
    throw new Error('uncaught');
  });
  await new Promise(() => undefined);
}

export async function* count(made: Int32Array, until = Infinity): AsyncGenerator<number> {
  try {
    for (let n = 1; n <= until; n++) {
      Atomics.store(made, 0, n);
      yield n;
    }
  } finally {
    Atomics.store(made, 1, 1);
    Atomics.notify(made, 1);
  }
}

export function* squares(until: number): Generator<number, void, undefined> {
  for (let n = 1; n <= until; n++) yield n * n;
}

export async function* failing(): AsyncGenerator<string> {
  yield 'first';
  throw new PictureError('second.png');
}

export async function* crashing(): AsyncGenerator<string> {
  yield 'first';
  process.exit(3);
}

/** Writes to shared memory when it ends. */
export async function* unclonableItems(shared: Int32Array): AsyncGenerator<unknown> {
  try {
    yield () => undefined;
  } finally {
    await new Promise(setImmediate);
    Atomics.store(shared, 0, 1);
  }
}

export function* unclonableEnd(): Generator<number, unknown, undefined> {
  yield 1;
  return () => undefined;
}

export async function* chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const bytes = Uint8Array.of(1, 2, 3);
  yield transfer(bytes, [bytes.buffer]);
  yield Uint8Array.of(bytes.length);
}

/** Waits after its first item for an event that never happens. */
export async function* waiting(): AsyncGenerator<string> {
  yield 'first';
  await new Promise(() => undefined);
}

/** Like `waiting`, but ends its wait when its reader leaves. */
export function events(): AsyncIterable<unknown> {
  const emitter = new EventEmitter();
  setImmediate(() => emitter.emit('item', 'first'));
  return on(emitter, 'item');
}

/** Reports through shared memory that it runs, and never returns its stream. */
export async function neverStreams(shared: Int32Array): Promise<AsyncGenerator<string>> {
  Atomics.store(shared, 0, 1);
  return new Promise(() => undefined);
}

export async function* failingAtEnd(): AsyncGenerator<string> {
  try {
    yield 'first';
  } finally {
    await Promise.reject(new PictureError('end.png'));
  }
}

/** Returns while a promise without a handler is rejected. */
export function leaveRejection(): string {
  void Promise.reject(new PictureError('left.png'));
  return 'returned';
}

/** Returns while an error is about to be thrown outside the call. */
export function leaveError(): string {
  setImmediate(() => {
    throw new PictureError('thrown.png');
  });
  return 'returned';
}

let wait: Promise<void> | undefined;

/** Leaves a promise that is rejected during the next call. */
export function leaveWork(): void {
  wait = new Promise((resolve) => setTimeout(resolve, 1));
  void wait.then(() => Promise.reject(new PictureError('late.png')));
}

/** Ends after the promise of `leaveWork` has been rejected. */
export async function afterLeftWork(): Promise<string> {
  await wait;
  await new Promise(setImmediate);
  return 'worked';
}
