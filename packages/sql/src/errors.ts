/** The failures that this package reports itself. What SQL statements do wrong comes from the driver, unchanged. */
import { AsphaltError } from '@asphalt/core';

/** Why a database file could not be opened. */
export type OpenProblem = 'not-a-database' | 'is-a-folder' | 'no-folder' | 'no-permission' | 'unknown';

const openProblems: Record<OpenProblem, { what: string; help: string | undefined }> = {
  'not-a-database': {
    what: 'it is a file of another kind',
    help: 'give another path in `file`, or move this file away to begin with an empty database',
  },
  'is-a-folder': { what: 'it is a folder', help: 'give the path of a file inside of it in `file`' },
  'no-folder': { what: 'its folder cannot be made', help: 'give a path in `file` whose folders are folders' },
  'no-permission': {
    what: 'no permission',
    help: 'let the user that runs the application read and write the file and its folder',
  },
  unknown: { what: 'the driver refused it', help: undefined },
};

/** Raised at start when the database file cannot be used. */
export class SqlOpenError extends AsphaltError {
  readonly code = 'ERR_SQL_OPEN';

  constructor(
    readonly file: string,
    readonly problem: OpenProblem,
    cause: unknown,
  ) {
    const { what, help } = openProblems[problem];
    super(
      {
        summary: `The database file cannot be opened: ${what}`,
        details: [
          ['file', file],
          ['got', problem === 'is-a-folder' ? undefined : describe(cause)],
        ],
        help,
      },
      { cause },
    );
  }
}

/** Who had the database while somebody else waited for it in vain. */
export type Holder = 'transaction' | 'connection' | 'process';

const reasons: Record<Holder, { what: string; help: readonly string[] }> = {
  transaction: {
    what: 'a transaction of this process is open',
    help: [
      'in a context that has a Transaction, send the statement through it, not through the Database',
      'end transactions sooner: do slow work before they begin or after they end',
    ],
  },
  connection: {
    what: 'a connection of this process is in use',
    help: ['finish the work inside of `connection().execute()` sooner'],
  },
  process: { what: 'another process writes to the file', help: ['end the transaction of the other process'] },
};

/** Raised by a statement, or the begin of a transaction, that waited longer than the option `wait` allows. */
export class SqlBusyError extends AsphaltError {
  readonly code = 'ERR_SQL_BUSY';

  constructor(
    readonly statement: string,
    readonly holder: Holder,
    readonly waitMs: number,
    inMemory: boolean,
  ) {
    const { what, help } = reasons[holder];
    super({
      summary: `The database was busy for ${inSeconds(waitMs)}: ${what}`,
      details: [
        ['statement', statement],
        [
          'note',
          inMemory ? 'a database in memory serves one at a time' : 'one at a time may write; reading never waits',
        ],
      ],
      help: [...help, 'raise the option `wait`'],
    });
  }
}

/** Raised by the end of a context whose transaction could not be committed. Nothing of the transaction remains. */
export class SqlCommitError extends AsphaltError {
  readonly code = 'ERR_SQL_COMMIT';

  constructor(cause: unknown) {
    super(
      {
        summary: 'The transaction could not be committed, all of its changes are undone',
        details: [['got', describe(cause)]],
      },
      { cause },
    );
  }
}

/** Raised by a statement that was given a value for which SQLite has no type. */
export class SqlValueError extends AsphaltError {
  readonly code = 'ERR_SQL_VALUE';

  constructor(
    readonly statement: string,
    /** Which of the statement's parameters it is, from 1. */
    readonly position: number,
    what: string,
    help: string,
  ) {
    super({
      summary: `SQLite cannot store ${what}`,
      details: [
        ['statement', statement],
        ['parameter', String(position)],
      ],
      help,
    });
  }
}

/** Raised by `migrate` when a migration fails, or when the database does not fit the migrations. */
export class SqlMigrationError extends AsphaltError {
  readonly code = 'ERR_SQL_MIGRATION';

  constructor(
    /** The migration that failed; undefined when none was tried. */
    readonly migration: string | undefined,
    allUndone: boolean,
    cause: unknown,
  ) {
    super(
      {
        summary: migration === undefined ? 'The migrations could not run' : `The migration "${migration}" failed`,
        details: [
          ['got', describe(cause)],
          ['note', allUndone ? 'the database is as it was before' : 'the migrations before it are done'],
        ],
      },
      { cause },
    );
  }
}

/** What a cause says of itself in one line; drivers add a code that is worth more than their message. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as { code?: unknown };
  const said = typeof code === 'string' && code !== '' && !cause.message.includes(code);
  return said ? `${cause.message} (${code})` : cause.message;
}

function inSeconds(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}
