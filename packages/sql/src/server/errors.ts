/** The errors of databases on servers. They quote statements, never parameters. */
import { AsphaltError } from '@asphalt/core';
import { describe, inSeconds } from '../errors.ts';

/** Thrown by a statement whose connection broke, and while the server is not available. */
export class SqlLostError extends AsphaltError {
  readonly code = 'ERR_SQL_LOST';

  constructor(
    /** The server, as `host:port`. */
    readonly server: string,
    /** The statement that was sent without a result; undefined if none was sent. */
    readonly statement: string | undefined,
    cause: unknown,
  ) {
    const sent = statement !== undefined;
    super(
      {
        summary: sent ? `The connection to ${server} broke during a statement` : `No connection to ${server}`,
        details: [
          ['statement', statement],
          ['got', describe(cause)],
          ['note', sent ? 'the server may have executed the statement' : 'nothing was sent'],
        ],
      },
      { cause },
    );
  }
}

/**
 * Thrown by a statement or a commit that lost against another transaction: a deadlock, a lock that was not released in time,
 * or a failed serialization. The transaction is rolled back. The same work can succeed in a new transaction.
 */
export class SqlRetryError extends AsphaltError {
  readonly code = 'ERR_SQL_RETRY';

  constructor(
    readonly statement: string,
    cause: unknown,
  ) {
    super(
      {
        summary: 'The transaction conflicts with another one and was rolled back',
        details: [
          ['statement', statement],
          ['got', describe(cause)],
        ],
        help: 'repeat the work in a new transaction',
      },
      { cause },
    );
  }
}

/** Thrown by the end of a context whose connection broke during the commit. It is not known whether the changes exist. */
export class SqlCommitUnknownError extends AsphaltError {
  readonly code = 'ERR_SQL_COMMIT_UNKNOWN';

  constructor(cause: unknown) {
    super(
      {
        summary: 'The transaction was committed or rolled back; the reply of the server was lost',
        details: [['got', describe(cause)]],
        help: 'read the data before you repeat the work, or make the work idempotent',
      },
      { cause },
    );
  }
}

/** The use of a pool when it had no connection for a caller. */
export interface PoolUse {
  readonly max: number;
  readonly used: number;
  readonly waiting: number;
}

/** Thrown when no connection of the pool became free within the option `timeout`. */
export class SqlPoolError extends AsphaltError {
  readonly code = 'ERR_SQL_POOL';
  readonly use: PoolUse;

  constructor(
    readonly waitMs: number,
    use: PoolUse,
  ) {
    super({
      summary: `No connection of the pool became free within ${inSeconds(waitMs)}`,
      details: [['got', `${use.used} of ${use.max} connections in use, ${use.waiting} callers waiting`]],
      help: [
        'end transactions sooner: do slow work before they start or after they end',
        'in a context that has a Transaction, send statements through it, not through the Database',
        'raise the option `pool.max`',
      ],
    });
    this.use = use;
  }
}
