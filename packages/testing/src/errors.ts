import { AsphaltError } from '@asphalt/core';
import type { Leak } from './opened.ts';

/** Thrown when an application stops after it reported failures that the test has not taken. */
export class UntakenFailuresError extends AsphaltError {
  readonly code = 'ERR_TEST_FAILURES';

  constructor(readonly errors: readonly unknown[]) {
    const [only, ...others] = errors;
    super(
      {
        summary: `The application reported ${others.length === 0 ? 'a failure' : `${errors.length} failures`}`,
        details: errors.map((error, index) => [`${index + 1}.`, textOf(error)] as const),
        help: 'expect a failure with app.takeFailure(ErrorClass) before the application stops',
      },
      { cause: only },
    );
  }
}

/** Thrown when a test takes a failure that the application has not reported. */
export class NoFailureError extends AsphaltError {
  readonly code = 'ERR_TEST_FAILURE_MISSING';

  constructor(
    readonly type: string,
    readonly errors: readonly unknown[],
  ) {
    super({
      summary: `The application has not reported a failure of class ${type}`,
      details: errors.map((error, index) => [`${index + 1}.`, textOf(error)] as const),
      help: `wait for it: await eventually(() => app.takeFailure(${type}))`,
    });
  }
}

/** Thrown when the application calls a method or uses an accessor that a fake does not have. */
export class FakeMethodError extends AsphaltError {
  readonly code = 'ERR_TEST_FAKE_METHOD';

  constructor(
    readonly type: string,
    readonly method: string,
    readonly kind: 'method' | 'property',
  ) {
    super({
      summary: `The fake of \`${type}\` has no ${kind} \`${method}${kind === 'method' ? '()' : ''}\``,
      help: `add the ${kind} to the object in \`replace\``,
    });
  }
}

/** Thrown when the function of `eventually()` is still pending at the limit. The cause is the error of the call before. */
export class UnsettledError extends AsphaltError {
  readonly code = 'ERR_TEST_UNSETTLED';

  constructor(
    readonly timeoutMs: number,
    options?: ErrorOptions,
  ) {
    super(
      {
        summary: `The function of eventually() did not settle within ${timeoutMs} ms`,
        details: [['note', options && `the call before failed with ${textOf(options.cause)}`]],
        help: 'find the promise that never settles in it, or raise timeoutMs if it is only slow',
      },
      options,
    );
  }
}

/** The number of leaks that a message lists. */
const mostListed = 20;

/** Thrown when a function leaves something open. */
export class LeakError extends AsphaltError {
  readonly code = 'ERR_TEST_LEAK';

  constructor(readonly leaks: readonly Leak[]) {
    const counts = new Map<string, number>();
    for (const { description, place } of leaks) {
      const text = place === undefined ? description : `${description}, opened at ${place}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const texts = Array.from(counts, ([text, count]) => (count === 1 ? text : `${count} × ${text}`));
    const rest = texts.length - mostListed;
    super({
      summary: 'The function left resources open',
      details: [
        ...texts.slice(0, mostListed).map((text, index) => [`${index + 1}.`, text] as const),
        ['note', rest > 0 ? `and ${rest} more` : undefined],
      ],
      help: 'close them before the function ends, for example with `await using`',
    });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
