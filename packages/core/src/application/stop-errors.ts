/** What fails while an application, or a part of it, stops. */
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { capitalized, theApplication, wholeText } from './error-words.ts';

/** Something that failed while the application stopped. */
export interface StopFailure {
  /** Whose it was, as messages call it. */
  readonly component: string;
  readonly error: unknown;
}

/** Raised when stopping failed; everything was torn down as far as possible. `errors` holds what went wrong. */
export class StopError extends AsphaltError {
  readonly code = 'ERR_STOP';

  constructor(
    readonly errors: readonly StopFailure[],
    /** What ended the application, when it was an error. */
    readonly endedBy?: unknown,
    subject = theApplication,
  ) {
    super(
      {
        summary: `${errors.length} ${errors.length === 1 ? 'failure' : 'failures'} while ${subject} stopped`,
        details: [
          ...errors.map(
            ({ component, error }, index) => [`${index + 1}.`, `${component}: ${wholeText(error)}`] as const,
          ),
          ['ended by', endedBy === undefined ? undefined : describeThrown(endedBy)],
        ],
      },
      { cause: errors[0]?.error },
    );
  }
}

/** Tells of components that were given up because stopping them took too long. */
export class StopTimeoutError extends AsphaltError {
  readonly code = 'ERR_STOP_TIMEOUT';

  constructor(
    readonly limitMs: number,
    readonly hanging: readonly string[],
    subject = theApplication,
  ) {
    super({
      summary: `${capitalized(subject)} did not stop within ${limitMs / 1000} s and was given up`,
      details: [['hanging', hanging.join('\n')]],
      help: 'end what these components wait for when they are stopped, or raise the limit: stopTimeout (0 is no limit)',
    });
  }
}
