import { threadId } from 'node:worker_threads';
import { failureOf } from '@asphalt/test-support';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import {
  ThreadCrashError,
  ThreadDrainError,
  ThreadModuleError,
  ThreadPool,
  ThreadPoolClosedError,
  ThreadPoolFullError,
  ThreadPoolOptionsError,
  ThreadRejectionError,
  ThreadTimeoutError,
  ThreadValueError,
  transfer,
  type ThreadModule,
} from '../src/index.ts';
import { PictureError } from './modules/picture-error.ts';
import { poolWith, release, shared, workIn, workUrl, written, type Work } from './use-pool.ts';

const pool = new ThreadPool();
const work = await pool.module<Work>(workUrl);
afterAll(() => pool.close());

test('functions run in threads and their results come back', async () => {
  expect(await work.double(21)).toBe(42);
  expect(await work.later({ deep: new Map([['key', [1n, new Date(0)]]]) })).toEqual({
    deep: new Map([['key', [1n, new Date(0)]]]),
  });
  expect(await work.thread()).not.toBe(threadId);
});

test('a module has only its exported functions', async () => {
  expect(work).not.toHaveProperty('constant');
  expect(Object.isFrozen(work)).toBe(true);
  expect(work.double).toBeTypeOf('function');
});

test('at most `max` calls run concurrently', async () => {
  const pool = poolWith({ max: 2 });
  const work = await pool.module<Work>(workUrl);
  const held = [shared(), shared(), shared()];
  const calls = held.map((numbers) => work.hold(numbers));
  await Promise.all([written(held[0]!), written(held[1]!)]);
  expect([pool.running, pool.waiting]).toEqual([2, 1]);
  release(held[0]!);
  await written(held[2]!);
  release(held[1]!);
  release(held[2]!);
  expect(await Promise.all(calls)).toEqual(['released', 'released', 'released']);
});

test("a function can read the name of its caller's context", async () => {
  expect(await work.contextName()).toBeUndefined();
  expect(await work.contextName.with({ context: { name: 'request 42' } })()).toBe('request 42');
  expect(await work.contextName()).toBeUndefined();
});

test('values in a transfer list are moved in both directions', async () => {
  const bytes = Uint8Array.of(0, 100);
  const result = await work.inverted(transfer(bytes, [bytes.buffer]));
  expect(bytes.byteLength).toBe(0);
  expect(result).toEqual(Uint8Array.of(255, 155));
});

test('values without a transfer list are copied', async () => {
  const bytes = Uint8Array.of(0, 100);
  expect(await work.inverted(bytes)).toEqual(Uint8Array.of(255, 155));
  expect(bytes).toEqual(Uint8Array.of(0, 100));
});

test('errors keep their class, message, stack and cause', async () => {
  const error = (await failureOf(() => work.fail('type'))) as TypeError;
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toBe('not a picture');
  expect(error.cause).toBeInstanceOf(RangeError);
  expect(error.stack).toMatch(/^TypeError: not a picture\n.*work\.ts:\d+/s);
});

test('errors of named classes are instances of them, with their own fields', async () => {
  const work = await workIn({}, { errors: [PictureError] });
  const error = (await failureOf(() => work.fail('picture'))) as PictureError;
  expect(error).toBeInstanceOf(PictureError);
  expect(error.file).toBe('cat.png');
  expect(error.cause).toBeInstanceOf(PictureError);
  const { errors } = (await failureOf(() => work.fail('aggregate'))) as AggregateError;
  expect(errors.map((each: Error) => each.constructor)).toEqual([PictureError, TypeError]);
});

test('errors of other classes have the class name as their name', async () => {
  const error = (await failureOf(() => work.fail('picture'))) as PictureError;
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.message, error.file]).toEqual(['PictureError', 'cannot read cat.png', 'cat.png']);
});

test('thrown values that are not errors reach the caller', async () => {
  await expect(failureOf(() => work.fail('text'))).resolves.toBe('plain text');
  await expect(failureOf(() => work.fail('none'))).resolves.toBeUndefined();
  const odd = (await failureOf(() => work.failOddly())) as Error & { callback: unknown };
  expect([odd.message, odd.callback]).toEqual(['odd', '[Function (anonymous)]']);
});

test('an argument or a result that cannot be copied fails with a ThreadValueError', async () => {
  const work = await workIn({ max: 1 });
  const argument = (await failureOf(() => work.later(() => undefined))) as ThreadValueError;
  expect(argument).toBeInstanceOf(ThreadValueError);
  expect(argument.message).toMatchInlineSnapshot(`
    "Argument 1 of a call cannot be sent to another thread
      call         later() of work.ts
      got          DataCloneError: () => undefined could not be cloned.
      note         functions and objects bound to a thread cannot be copied; a moved value cannot be sent again
      help         send plain data, and create objects in the thread that uses them
      code         ERR_THREAD_VALUE"
  `);
  const result = (await failureOf(() => work.unclonable())) as ThreadValueError;
  expect(result).toBeInstanceOf(ThreadValueError);
  expect(result.summary).toMatchInlineSnapshot(`"A result cannot be sent to another thread"`);
  expect(await work.double(1)).toBe(2);
});

test('a thread that ends fails its call and is replaced', async () => {
  const work = await workIn({ max: 1 });
  const exited = (await failureOf(() => work.exit())) as ThreadCrashError;
  expect(exited).toBeInstanceOf(ThreadCrashError);
  expect(exited.message).toMatchInlineSnapshot(`
    "A thread ended while it ran a call
      call         exit() of work.ts
      got          Error: worker exited with code: 3
      note         an uncaught error, \`process.exit()\` or a lack of memory ends a thread
      note         an uncaught error can come from work that an earlier call left running
      help         await every promise in the function, and handle errors of work that it leaves running
      code         ERR_THREAD_CRASHED"
  `);
  const crashed = (await failureOf(() => work.crash())) as ThreadCrashError;
  expect(crashed).toBeInstanceOf(ThreadCrashError);
  expect((crashed.cause as Error).message).toBe('uncaught');
  expect(await work.double(1)).toBe(2);
});

test('a rejection without a handler is reported and fails no call', async () => {
  const { work, reported } = await reportingPool();
  const thread = await work.thread();
  const [error, result] = await Promise.all([reported, work.leaveRejection()]);
  expect(result).toBe('returned');
  expect(error).toBeInstanceOf(ThreadRejectionError);
  expect(error.message).toMatchInlineSnapshot(`
    "A thread of the pool "default" rejected a promise that has no handler
      got          PictureError: cannot read left.png
      state        the thread was running leaveRejection() of work.ts, or had just run it
      note         an earlier call in the same thread can have created the promise
      help         await every promise in the function, or handle its rejection
      code         ERR_THREAD_REJECTION"
  `);
  expect(error.cause).toMatchObject({ name: 'PictureError', file: 'left.png' });
  expect(await work.thread()).toBe(thread);
});

test('a rejection of work that an earlier call left running does not fail a later call', async () => {
  const { work, reported } = await reportingPool();
  await work.leaveWork();
  expect(await work.afterLeftWork()).toBe('worked');
  expect((await reported).cause).toMatchObject({ name: 'PictureError', file: 'late.png' });
});

test('an error that work of a call throws after the call is reported, and its thread is replaced', async () => {
  const { work, reported } = await reportingPool();
  expect(await work.leaveError()).toBe('returned');
  expect(await reported).toMatchObject({ message: 'cannot read thrown.png' });
  expect(await work.double(1)).toBe(2);
});

test('a closing pool reports the rejections that its last calls left', async () => {
  const errors: unknown[] = [];
  const pool = poolWith({ max: 1, drainMs: 2 ** 30, onError: (error) => errors.push(error) });
  const work = await pool.module<Work>(workUrl);
  expect(await work.leaveRejection()).toBe('returned');
  await pool.close();
  expect(errors).toEqual([expect.any(ThreadRejectionError)]);
});

/** Opens a pool with one thread. @returns its functions and the first error that it reports */
async function reportingPool(): Promise<{ work: ThreadModule<Work>; reported: Promise<ThreadRejectionError> }> {
  let report!: (error: ThreadRejectionError) => void;
  const reported = new Promise<ThreadRejectionError>((resolve) => (report = resolve));
  const onError = (error: unknown): void => report(error as ThreadRejectionError);
  return { work: await workIn({ max: 1, onError }), reported };
}

test('waiting calls run in their order after a thread is lost', async () => {
  const work = await workIn({ max: 1 });
  const order: number[] = [];
  const note = async (number: number, abort?: AbortSignal): Promise<void> =>
    void order.push(await work.double.with({ abort })(number));
  const { signal } = new AbortController();
  const lost = failureOf(() => work.exit());
  // Some of the calls have a signal and some do not.
  await Promise.all([note(1), note(2, signal), note(3), failureOf(() => work.crash()), note(4, signal), note(5)]);
  expect(await lost).toBeInstanceOf(ThreadCrashError);
  expect(order).toEqual([2, 4, 6, 8, 10]);
});

test('no waiting call is lost when a thread is terminated while its own call ends', { timeout: 60_000 }, async () => {
  const pool = poolWith({ max: 1 });
  const work = await pool.module<Work>(workUrl);
  for (let round = 0; round < 20; round++) {
    const numbers = shared();
    const abort = new AbortController();
    const ended = work.hold
      .with({ abort: abort.signal })(numbers)
      .catch(() => 'aborted');
    const next = work.double(round);
    await written(numbers);
    release(numbers);
    // The result may already be on its way.
    for (let spin = 0; spin < round * 10_000; spin++);
    abort.abort();
    expect(['released', 'aborted']).toContain(await ended);
    expect(await next).toBe(2 * round);
  }
  expect([pool.running, pool.waiting]).toEqual([0, 0]);
});

test.each([
  ['throws', 'throw new Error("not here")', 'not here'],
  ['exits', 'process.exit(5)', 'the thread exited while it started'],
])('calls fail when no thread can start because its first module %s', async (_, first, cause) => {
  const pool = poolWith({ max: 2, onError: () => undefined });
  const { execArgv } = process;
  process.execArgv = [...execArgv, '--import', `data:text/javascript,${encodeURIComponent(first)}`];
  onTestFinished(() => void (process.execArgv = execArgv));
  const failures = await Promise.all(Array.from({ length: 3 }, () => failureOf(() => pool.module(workUrl))));
  for (const failure of failures) {
    expect(failure).toBeInstanceOf(ThreadCrashError);
    expect(((failure as Error).cause as Error).message).toContain(cause);
  }
});

test('an abort terminates a running call with its thread and does not affect other calls', async () => {
  const work = await workIn({ max: 2 });
  const [spinning, held] = [shared(), shared()];
  const abort = new AbortController();
  const ended = failureOf(() => work.spin.with({ abort: abort.signal })(spinning));
  const other = work.hold(held);
  await Promise.all([written(spinning), written(held)]);
  const reason = new Error('no longer needed');
  abort.abort(reason);
  expect(await ended).toBe(reason);
  release(held);
  expect(await other).toBe('released');
  await spinningEnds(spinning);
  expect(await work.double(1)).toBe(2);
});

test('an abort removes a waiting call from the queue and rejects later calls', async () => {
  const pool = poolWith({ max: 1 });
  const work = await pool.module<Work>(workUrl);
  const held = shared();
  const first = work.hold(held);
  await written(held);
  const abort = new AbortController();
  const waiting = failureOf(() => work.double.with({ abort: abort.signal })(1));
  expect(pool.waiting).toBe(1);
  abort.abort();
  expect(await waiting).toBe(abort.signal.reason);
  expect(pool.waiting).toBe(0);
  expect(await failureOf(() => work.double.with({ abort: abort.signal })(1))).toBe(abort.signal.reason);
  release(held);
  expect(await first).toBe('released');
});

test('a function with a signal can end by itself, and its call rejects with the reason of the signal', async () => {
  const work = await workIn({ max: 1, graceMs: 2 ** 30 });
  const numbers = shared();
  const before = await work.thread();
  const abort = new AbortController();
  const ended = failureOf(() => work.untilAborted(numbers, abort.signal));
  await written(numbers);
  abort.abort();
  expect(await ended).toBe(abort.signal.reason);
  expect(Atomics.load(numbers, 1)).toBe(1);
  // The thread was not terminated.
  expect(await work.thread()).toBe(before);
});

test('a function can return a result after its signal fires', async () => {
  const work = await workIn({ graceMs: 2 ** 30 });
  const numbers = shared();
  const abort = new AbortController();
  const result = work.soFar(numbers, abort.signal);
  await written(numbers);
  abort.abort(new Error('enough'));
  expect(await result).toBe('stopped: enough');
});

test('a function that ignores its signal is terminated with its thread', async () => {
  const work = await workIn({ graceMs: 1 });
  const numbers = shared();
  const abort = new AbortController();
  const ended = failureOf(() => work.deaf(numbers, abort.signal));
  await written(numbers);
  abort.abort();
  expect(await ended).toBe(abort.signal.reason);
  await spinningEnds(numbers);
});

test('a call that exceeds its time limit is terminated with its thread', async () => {
  const work = await workIn({ max: 1 });
  const numbers = shared();
  const error = (await failureOf(() => work.spin.with({ timeoutMs: 1 })(numbers))) as ThreadTimeoutError;
  expect(error).toBeInstanceOf(ThreadTimeoutError);
  expect(error.message).toMatchInlineSnapshot(`
    "A call to a thread took longer than 1 ms
      call         spin() of work.ts
      state        running; its thread was terminated
      help         raise \`timeoutMs\`
                   or reduce the work of the function
      code         ERR_THREAD_TIMEOUT"
  `);
  expect(await work.double(1)).toBe(2);
});

test('the error of a call that exceeds its time limit in the queue reports that it was waiting', async () => {
  const work = await workIn({ max: 1 });
  const held = shared();
  const first = work.hold(held);
  await written(held);
  const error = (await failureOf(() => work.double.with({ timeoutMs: 1 })(1))) as ThreadTimeoutError;
  expect(error.message).toMatchInlineSnapshot(`
    "A call to a thread took longer than 1 ms
      call         double() of work.ts
      state        waiting for a thread of the pool "default"
      help         raise \`timeoutMs\`
                   or reduce the work of the function
      code         ERR_THREAD_TIMEOUT"
  `);
  release(held);
  await first;
});

test('a full pool refuses new calls by default', async () => {
  const { refused, waited } = await overfull('drop-newest');
  expect(refused).toEqual([undefined, expect.any(ThreadPoolFullError)]);
  expect((refused[1] as ThreadPoolFullError).message).toMatchInlineSnapshot(`
    "The thread pool "default" is full
      call         double() of work.ts
      state        calls: 1 running, 1 waiting
      help         send fewer calls at a time
                   or raise \`queue\` or \`max\` of the pool
      code         ERR_THREAD_POOL_FULL"
  `);
  expect(waited).toEqual([2]);
});

test('a full pool refuses the call that has waited longest with "drop-oldest"', async () => {
  const { refused, waited } = await overfull('drop-oldest');
  expect(refused).toEqual([expect.any(ThreadPoolFullError), undefined]);
  expect(waited).toEqual([4]);
});

/** Makes two calls that wait, in a queue with room for one. */
async function overfull(overflow: 'drop-newest' | 'drop-oldest'): Promise<{ refused: unknown[]; waited: number[] }> {
  const work = await workIn({ max: 1, queue: 1, overflow });
  const held = shared();
  const first = work.hold(held);
  const calls = await Promise.all([
    Promise.allSettled([work.double(1), work.double(2)]),
    written(held).then(() => release(held)),
  ]);
  await first;
  return {
    refused: calls[0].map((call) => (call.status === 'rejected' ? call.reason : undefined)),
    waited: calls[0].flatMap((call) => (call.status === 'fulfilled' ? call.value : [])),
  };
}

test('a closing pool completes pending calls and refuses new ones', async () => {
  const pool = poolWith({ max: 1, drainMs: 2 ** 30 });
  const work = await pool.module<Work>(workUrl);
  const held = shared();
  const calls = [work.hold(held), work.double(2)];
  await written(held);
  const closed = pool.close();
  const refused = (await failureOf(() => work.double(1))) as ThreadPoolClosedError;
  expect(refused).toBeInstanceOf(ThreadPoolClosedError);
  expect(refused.message).toMatchInlineSnapshot(`
    "The thread pool "default" is closed
      call         double() of work.ts
      help         call functions only while the application runs, and inject the pool where it is used
      code         ERR_THREAD_POOL_CLOSED"
  `);
  release(held);
  expect(await Promise.all(calls)).toEqual(['released', 4]);
  await closed;
  await pool.close();
});

test('a closing pool aborts calls that exceed the drain limit', async () => {
  const pool = poolWith({ max: 1, drainMs: 1 });
  const work = await pool.module<Work>(workUrl);
  const numbers = shared();
  const calls = [failureOf(() => work.spin(numbers)), failureOf(() => work.double(2))];
  await written(numbers);
  await pool.close();
  const [spinning, waiting] = (await Promise.all(calls)) as ThreadDrainError[];
  expect(spinning).toBeInstanceOf(ThreadDrainError);
  expect(waiting).toBeInstanceOf(ThreadDrainError);
  expect(spinning!.message).toMatchInlineSnapshot(`
    "The thread pool "default" aborted a call that exceeded its drain limit of 1 ms
      call         spin() of work.ts
      help         raise \`drain\` of the pool
                   or pass an \`AbortSignal\` that fires when the application stops
      code         ERR_THREAD_DRAIN"
  `);
  await spinningEnds(numbers);
});

test('limits of 30 days hold', async () => {
  const month = 30 * 24 * 60 * 60 * 1000;
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const pool = poolWith({ max: 1, idleMs: month, graceMs: month, drainMs: month });
  const work = await pool.module<Work>(workUrl, { timeoutMs: month });
  const thread = await work.thread();
  const numbers = shared();
  const abort = new AbortController();
  const stopping = work.soFar(numbers, abort.signal);
  await written(numbers);
  abort.abort(new Error('enough'));
  expect(await stopping).toBe('stopped: enough');
  expect(await work.thread()).toBe(thread);
  const held = shared();
  const last = work.hold(held);
  await written(held);
  const closed = pool.close();
  // A limit that ends at once is reported in one of the next turns.
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  release(held);
  expect(await last).toBe('released');
  await closed;
  expect(warnings).toEqual([]);
});

test('a pool starts no thread before its first module, and one thread for the module', async () => {
  let threads = 0;
  const onWorker = (): void => void threads++;
  process.on('worker', onWorker);
  onTestFinished(() => void process.off('worker', onWorker));
  const pool = poolWith({ max: 2 });
  await new Promise(setImmediate);
  expect(threads).toBe(0);
  const { thread } = await pool.module<Work>(workUrl);
  expect(threads).toBe(1);
  await thread();
  expect(threads).toBe(1);
});

test('a pool that was never used can be closed', async () => {
  await new ThreadPool().close();
});

test.each([
  ['that does not exist', './modules/nowhere.ts', /does not exist/],
  ['that fails while it loads', './modules/broken.ts', /failed while a thread loaded it/],
  ['that is not a file', 'https://example.org/module.js', /is not a `file:` URL/],
])('a module %s fails with a ThreadModuleError', async (_, name, summary) => {
  const error = (await failureOf(() => poolWith().module(new URL(name, import.meta.url)))) as ThreadModuleError;
  expect(error).toBeInstanceOf(ThreadModuleError);
  expect(error.summary).toMatch(summary);
});

test('the error of a module that fails to load is the cause of the ThreadModuleError', async () => {
  const error = await failureOf(() => poolWith().module(new URL('./modules/broken.ts', import.meta.url)));
  const { cause } = error as ThreadModuleError;
  expect(cause).toBeInstanceOf(TypeError);
  expect((cause as Error).message).toBe('broken at import');
});

test.each([
  [{ min: 3, max: 2 }, 'max'],
  [{ max: 0 }, 'max'],
  [{ min: -1 }, 'min'],
  [{ queue: -1 }, 'queue'],
])('a pool cannot be created with %j', (options, option) => {
  expect(() => new ThreadPool(options)).toThrow(ThreadPoolOptionsError);
  expect(() => new ThreadPool(options)).toThrow(expect.objectContaining({ option }) as Error);
});

/** Waits until a function that increments a number in an endless loop has been terminated. */
async function spinningEnds(numbers: Int32Array): Promise<void> {
  for (let before = -1, rounds = 0; rounds < 5; rounds++) {
    await new Promise(setImmediate);
    const now = Atomics.load(numbers, 1);
    if (now !== before) rounds = 0;
    before = now;
  }
}
