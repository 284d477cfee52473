/** The errors of a failed stop. */
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { capitalized, theApplication, wholeText } from './error-words.ts';

/** A failure during a stop. */
export interface StopFailure {
  /** The component that failed, as named in messages. */
  readonly component: string;
  readonly error: unknown;
}

/** Raised when a stop had failures; `errors` holds all of them. Everything else was torn down. */
export class StopError extends AsphaltError {
  readonly code = 'ERR_STOP';

  constructor(
    readonly errors: readonly StopFailure[],
    /** The error that ended the application, if any. */
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

/** Reports components that were abandoned because their stop exceeded a time limit. */
export class StopTimeoutError extends AsphaltError {
  readonly code = 'ERR_STOP_TIMEOUT';

  constructor(
    readonly limitMs: number,
    readonly hanging: readonly string[],
    subject = theApplication,
  ) {
    super({
      summary: `${capitalized(subject)} did not stop within ${limitMs / 1000} s and was abandoned`,
      details: [['hanging', hanging.join('\n')]],
      help: 'find out why these components do not finish, or raise the limit: stopTimeout (0 means no limit)',
    });
  }
}
