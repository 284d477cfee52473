/** The errors of calls to threads. Errors that called functions throw are not wrapped. */
import { AsphaltError } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';

/** Thrown when a pool cannot use a module, because it does not exist or fails to load. */
export class ThreadModuleError extends AsphaltError {
  readonly code = 'ERR_THREAD_MODULE';

  constructor(
    /** The module's URL, as passed to `module()`. */
    readonly module: string,
    summary: string,
    { help, note, cause }: { help: string; note?: string; cause?: unknown },
  ) {
    const got = cause === undefined ? undefined : describeThrown(cause);
    super(
      {
        summary,
        details: [
          ['module', module],
          ['got', got],
          ['note', note],
        ],
        help,
      },
      { cause },
    );
  }

  /** @internal */
  static notAFile(module: string): ThreadModuleError {
    const help = "name it relative to the module that calls it: new URL('./resize.ts', import.meta.url)";
    return new ThreadModuleError(module, 'The URL of a module for threads is not a `file:` URL', {
      help,
    });
  }

  /** @internal */
  static missing(module: string): ThreadModuleError {
    return new ThreadModuleError(module, 'A module for threads does not exist', {
      note: 'for a `.ts` file, the `.js` file that it compiles to would be used as well',
      help: 'correct the path, or build the module',
    });
  }

  /** @internal */
  static noLoader(module: string): ThreadModuleError {
    return new ThreadModuleError(module, 'A thread cannot load a TypeScript module, because no loader is installed', {
      help: 'install tsx in the application, or build the module',
    });
  }

  /** @internal */
  static failed(module: string, cause: unknown): ThreadModuleError {
    return new ThreadModuleError(module, 'A module failed while a thread loaded it', {
      cause,
      help: 'fix the code that the module runs when it is imported',
    });
  }
}

/** The description of a call in its errors. */
export interface CalledFunction {
  readonly pool: string;
  /** The function and its module's file, such as `resize() of image.ts`. */
  readonly label: string;
}

/** Thrown when a call is refused because the pool's queue is full. */
export class ThreadPoolFullError extends AsphaltError {
  readonly code = 'ERR_THREAD_POOL_FULL';

  constructor(
    readonly called: CalledFunction,
    readonly queue: number,
    threads: number,
  ) {
    super({
      summary: `The thread pool "${called.pool}" is full`,
      details: [
        ['call', called.label],
        ['state', `calls: ${threads} running, ${queue} waiting`],
      ],
      help: ['send fewer calls at a time', 'raise `queue` or `max` of the pool'],
    });
  }
}

/** Thrown by a call to a pool that is closing or closed. */
export class ThreadPoolClosedError extends AsphaltError {
  readonly code = 'ERR_THREAD_POOL_CLOSED';

  constructor(readonly called: CalledFunction) {
    super({
      summary: `The thread pool "${called.pool}" is closed`,
      details: [['call', called.label]],
      help: 'call functions only while the application runs, and inject the pool where it is used',
    });
  }
}

/** Thrown by a call that the pool aborted, because it did not end within the drain limit of a closing pool. */
export class ThreadDrainError extends AsphaltError {
  readonly code = 'ERR_THREAD_DRAIN';

  constructor(
    readonly called: CalledFunction,
    readonly drainMs: number,
  ) {
    super({
      summary: `The thread pool "${called.pool}" aborted a call that exceeded its drain limit of ${drainMs} ms`,
      details: [['call', called.label]],
      help: ['raise `drain` of the pool', 'pass an `AbortSignal` that fires when the application stops'],
    });
  }
}

/** Thrown by a call that takes longer than its `timeoutMs`. */
export class ThreadTimeoutError extends AsphaltError {
  readonly code = 'ERR_THREAD_TIMEOUT';

  constructor(
    readonly called: CalledFunction,
    readonly timeoutMs: number,
    isRunning: boolean,
  ) {
    super({
      summary: `A call to a thread took longer than ${timeoutMs} ms`,
      details: [
        ['call', called.label],
        [
          'state',
          isRunning ? 'running; its thread was terminated' : `waiting for a thread of the pool "${called.pool}"`,
        ],
      ],
      help: ['raise `timeoutMs`', 'reduce the work of the function'],
    });
  }
}

/** Thrown when an argument, a result or an item of a stream can be neither copied nor moved between threads. */
export class ThreadValueError extends AsphaltError {
  readonly code = 'ERR_THREAD_VALUE';

  constructor(
    readonly called: CalledFunction,
    what: string,
    cause: unknown,
  ) {
    super(
      {
        summary: `${what} cannot be sent to another thread`,
        details: [
          ['call', called.label],
          ['got', describeThrown(cause)],
          ['note', 'functions and objects bound to a thread cannot be copied; a moved value cannot be sent again'],
        ],
        help: 'send plain data, and create objects in the thread that uses them',
      },
      { cause },
    );
  }
}

/** Thrown by a call whose thread ended while it ran the call. */
export class ThreadCrashError extends AsphaltError {
  readonly code = 'ERR_THREAD_CRASHED';

  constructor(
    readonly called: CalledFunction,
    cause: unknown,
  ) {
    super(
      {
        summary: 'A thread ended while it ran a call',
        details: [
          ['call', called.label],
          ['got', describeThrown(cause)],
          ['note', 'an uncaught error, `process.exit()` or a lack of memory ends a thread'],
          ['note', 'an uncaught error can come from work that an earlier call left running'],
        ],
        help: 'await every promise in the function, and handle errors of work that it leaves running',
      },
      { cause },
    );
  }
}

/** Passed to the pool's `onError` when a promise in a thread is rejected and has no handler. No call fails. */
export class ThreadRejectionError extends AsphaltError {
  readonly code = 'ERR_THREAD_REJECTION';

  constructor(
    readonly pool: string,
    /** The function that the thread was running, or ran last, such as `resize() of image.ts`. */
    readonly running: string | undefined,
    cause: unknown,
  ) {
    super(
      {
        summary: `A thread of the pool "${pool}" rejected a promise that has no handler`,
        details: [
          ['got', describeThrown(cause)],
          ['state', running && `the thread was running ${running}, or had just run it`],
          ['note', 'an earlier call in the same thread can have created the promise'],
        ],
        help: 'await every promise in the function, or handle its rejection',
      },
      { cause },
    );
  }
}

/** Thrown when an option of a pool is too low, also with regard to another option. */
export class ThreadPoolOptionsError extends AsphaltError {
  readonly code = 'ERR_THREAD_POOL_OPTIONS';

  constructor(
    pool: string,
    readonly option: 'min' | 'max' | 'queue',
    value: number,
    atLeast: number,
  ) {
    super({
      summary: `The thread pool "${pool}" cannot have a \`${option}\` of ${value}`,
      help: `set \`${option}\` to ${atLeast} or more`,
    });
  }
}
