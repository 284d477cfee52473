/** What can go wrong with calls to threads, apart from what the called functions throw: that comes through as it is. */
import { AsphaltError, describeThrown } from '@asphalt/core';

/** A module cannot be used from a pool: it is not there, or does not load. */
export class ThreadModuleError extends AsphaltError {
  readonly code = 'ERR_THREAD_MODULE';

  constructor(
    /** The module's URL, as it was given. */
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
    return new ThreadModuleError(module, 'A module for threads is named by something other than the URL of a file', {
      help,
    });
  }

  /** @internal */
  static missing(module: string): ThreadModuleError {
    return new ThreadModuleError(module, 'A module for threads does not exist', {
      note: 'a `.ts` file is looked for, and the `.js` file that it is compiled to',
      help: 'correct the path, or build the module',
    });
  }

  /** @internal */
  static noLoader(module: string): ThreadModuleError {
    return new ThreadModuleError(module, 'A module for threads is TypeScript, which nothing here can load', {
      help: 'install tsx beside the application, or build the module',
    });
  }

  /** @internal */
  static failed(module: string, cause: unknown): ThreadModuleError {
    return new ThreadModuleError(module, 'A module failed while a thread loaded it', {
      cause,
      help: 'mend what the module does when it is imported',
    });
  }
}

/** What the errors of one call tell. */
export interface CalledFunction {
  readonly pool: string;
  /** The function and its module's file, such as `resize() of image.ts`. */
  readonly label: string;
}

/** A call was refused because too many wait for a thread. */
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
        ['state', `${threads} calls run and ${queue} wait`],
      ],
      help: ['send fewer calls at a time', 'raise `queue` or `max` of the pool'],
    });
  }
}

/** A call was made while the pool stopped, or after it had. */
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

/** A call was ended because the pool had stopped and the call went on for longer than the pool waits. */
export class ThreadDrainError extends AsphaltError {
  readonly code = 'ERR_THREAD_DRAIN';

  constructor(
    readonly called: CalledFunction,
    readonly drainMs: number,
  ) {
    super({
      summary: `A call still ran ${drainMs} ms after the thread pool "${called.pool}" had stopped, and was ended`,
      details: [['call', called.label]],
      help: ['raise `drain` of the pool', 'pass an `AbortSignal` that fires when the application stops'],
    });
  }
}

/** A call took longer than its `timeoutMs`. */
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
          isRunning ? 'it ran, and its thread was ended' : `it waited for a thread of the pool "${called.pool}"`,
        ],
      ],
      help: ['raise `timeoutMs`', 'give the function less to do'],
    });
  }
}

/** An argument, a result or an item of a stream can be neither copied nor moved between threads. */
export class ThreadValueError extends AsphaltError {
  readonly code = 'ERR_THREAD_VALUE';

  constructor(
    readonly called: CalledFunction,
    what: string,
    cause: unknown,
  ) {
    super(
      {
        summary: `${what} cannot go from one thread to another`,
        details: [
          ['call', called.label],
          ['got', describeThrown(cause)],
          ['note', 'functions and what is bound to a thread cannot be copied, and what was moved is gone'],
        ],
        help: 'send plain data, and build what belongs to a thread inside of it',
      },
      { cause },
    );
  }
}

/** A thread ended while it carried out a call. */
export class ThreadCrashError extends AsphaltError {
  readonly code = 'ERR_THREAD_CRASHED';

  constructor(
    readonly called: CalledFunction,
    cause: unknown,
  ) {
    super(
      {
        summary: 'A thread ended while it carried out a call',
        details: [
          ['call', called.label],
          ['got', describeThrown(cause)],
          ['note', 'an error that nothing catches ends a thread, and so do `process.exit()` and a lack of memory'],
        ],
        help: 'await every promise in the function, and handle the errors of what it leaves running',
      },
      { cause },
    );
  }
}

/** The options of a pool contradict each other. */
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
