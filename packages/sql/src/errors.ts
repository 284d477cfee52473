/** The errors of this package. Errors that SQLite reports for a statement come from the driver unchanged. */
import { AsphaltError } from '@asphalt/core';

/** Why a database file could not be opened. */
export type OpenProblem = 'not-a-database' | 'is-a-folder' | 'no-folder' | 'no-permission' | 'locked' | 'unknown';

const openProblems: Record<OpenProblem, { what: string; help: string | readonly string[] | undefined }> = {
  'not-a-database': {
    what: 'it is not an SQLite database',
    help: ['set `file` to another path', 'move this file away to start with an empty database'],
  },
  'is-a-folder': { what: 'it is a folder', help: 'set `file` to the path of a file in this folder' },
  'no-folder': {
    what: 'its folder cannot be created',
    help: 'set `file` to a path on which every parent is a folder',
  },
  'no-permission': {
    what: 'permission is missing',
    help: 'permit the user that runs the application to read and write the file and its folder',
  },
  locked: {
    what: 'another process holds its lock',
    help: ['end the other process, or its transaction', 'raise the option `wait`'],
  },
  unknown: { what: 'the driver reported an error', help: undefined },
};

/** Thrown at the start when the database file cannot be used. */
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

/** The kind of user that held the database while a statement waited for it. */
export type Holder = 'transaction' | 'connection' | 'process';

const reasons: Record<Holder, { what: string; help: readonly string[] }> = {
  transaction: {
    what: 'a transaction of this process is open',
    help: [
      'in a context that has a Transaction, send the statement through it, not through the Database',
      'end transactions sooner: do slow work before they start or after they end',
    ],
  },
  connection: {
    what: 'a connection of this process is in use',
    help: ['finish the work inside `connection().execute()` sooner'],
  },
  process: { what: 'another process writes to the file', help: ['end the transaction of the other process'] },
};

/** Which statements of one process can use a database concurrently. */
export type Sharing = 'file' | 'changed-file' | 'memory' | 'test';

const sharings: Record<Sharing, string> = {
  file: 'only one transaction can write at a time; reading never waits',
  'changed-file':
    'with temporary tables, attached databases or some pragmas, only one user can access a file at a time',
  memory: 'only one user can access a database in memory at a time',
  test: 'with the option `rollback`, only one transaction can be open at a time',
};

/** Thrown when a statement or the start of a transaction waited longer than the option `wait` allows. */
export class SqlBusyError extends AsphaltError {
  readonly code = 'ERR_SQL_BUSY';

  constructor(
    readonly statement: string,
    readonly holder: Holder,
    readonly waitMs: number,
    sharing: Sharing,
  ) {
    const { what, help } = reasons[holder];
    super({
      summary: `The database was busy for ${inSeconds(waitMs)}: ${what}`,
      details: [
        ['statement', statement],
        ['note', sharings[sharing]],
      ],
      help: [...help, 'raise the option `wait`'],
    });
  }
}

/** The problems that a statement can have before SQLite executes it. */
export type StatementProblem =
  | 'empty'
  | 'several'
  | 'unreadable'
  | 'parameters'
  | 'setting'
  | 'ended-transaction'
  | 'read-only';

const statementProblems: Record<StatementProblem, { what: string; label: string; help: string }> = {
  empty: {
    what: 'The text contains no SQL statement',
    label: 'got',
    help: 'remove the call, or complete the statement',
  },
  several: {
    what: 'The text contains more than one SQL statement; none was executed',
    label: 'second',
    help: 'execute each statement separately',
  },
  unreadable: {
    what: 'The SQL statement contains a NUL character or half of a surrogate pair',
    label: 'got',
    help: 'remove the character from the text',
  },
  parameters: {
    what: 'The values do not fit the parameters of the SQL statement',
    label: 'got',
    help: 'write one ? for each value',
  },
  setting: {
    what: 'The SQL statement changes a setting that the driver relies on',
    label: 'setting',
    help: 'remove the statement; the option `wait` limits how long statements wait',
  },
  'ended-transaction': {
    what: 'The transaction of the SQL statement has ended',
    label: 'got',
    help: 'end the context after a conflict, and after a statement such as `commit` or `insert or rollback`',
  },
  'read-only': {
    what: 'The SQL statement writes in a transaction that only reads',
    label: 'got',
    help: 'use the Transaction of the context',
  },
};

/** Thrown when a statement was not executed because of its text, the number of its values, or its transaction. */
export class SqlStatementError extends AsphaltError {
  readonly code = 'ERR_SQL_STATEMENT';

  constructor(
    readonly problem: StatementProblem,
    readonly statement: string,
    evidence?: string,
  ) {
    const { what, label, help } = statementProblems[problem];
    super({
      summary: what,
      details: [
        ['statement', statement],
        [label, evidence],
      ],
      help,
    });
  }
}

/** Thrown at the start when a driver cannot be loaded. */
export class SqlDriverError extends AsphaltError {
  readonly code = 'ERR_SQL_DRIVER';

  /** @param help - a fix that does not follow from the name of the driver */
  constructor(
    readonly driver: string,
    cause: unknown,
    help: string | readonly string[] = `install it: npm install ${driver}`,
  ) {
    super(
      { summary: `The driver \`${driver}\` cannot be loaded`, details: [['got', describe(cause)]], help },
      { cause },
    );
  }
}

/** Thrown by the end of a context whose transaction could not be committed. The transaction is rolled back. */
export class SqlCommitError extends AsphaltError {
  readonly code = 'ERR_SQL_COMMIT';

  constructor(cause: unknown) {
    super(
      {
        summary: 'The transaction could not be committed and was rolled back',
        details: [['got', describe(cause)]],
      },
      { cause },
    );
  }
}

/** Thrown by `afterCommit` for a transaction that does not belong to a context. */
export class SqlScopeError extends AsphaltError {
  readonly code = 'ERR_SQL_SCOPE';

  constructor() {
    super({
      summary: 'The transaction does not belong to a context',
      help: 'pass the Transaction that the context provides: @inject(Transaction)',
    });
  }
}

/** Reported when a callback of `afterCommit` fails. */
export class SqlAfterCommitError extends AsphaltError {
  readonly code = 'ERR_SQL_AFTER_COMMIT';

  constructor(cause: unknown) {
    super(
      {
        summary: 'A callback of afterCommit failed',
        details: [
          ['got', describe(cause)],
          ['note', 'the transaction is committed'],
        ],
      },
      { cause },
    );
  }
}

/** Thrown when SQLite cannot store a value of a statement unchanged. */
export class SqlValueError extends AsphaltError {
  readonly code = 'ERR_SQL_VALUE';

  constructor(
    readonly statement: string,
    /** The number of the parameter, from 1. */
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

/** Thrown by `migrate` when a migration fails, or when the database does not match the migrations. */
export class SqlMigrationError extends AsphaltError {
  readonly code = 'ERR_SQL_MIGRATION';

  constructor(
    /** The migration that failed; undefined if no migration ran. */
    readonly migration: string | undefined,
    allUndone: boolean,
    cause: unknown,
  ) {
    super(
      {
        summary: migration === undefined ? 'The migrations could not run' : `The migration "${migration}" failed`,
        details: [
          ['got', describe(cause)],
          ['note', allUndone ? 'the database is unchanged' : 'the migrations before it have taken effect'],
        ],
      },
      { cause },
    );
  }
}

/** Describes a cause in one line, with its code: SQLite's message is often less precise. */
export function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code, errcode } = cause as { code?: unknown; errcode?: unknown };
  if (typeof errcode === 'number') return `${cause.message} (SQLite result code ${errcode})`;
  const [line] = cause.message.split('\n', 1);
  const addsCode = typeof code === 'string' && code !== '' && !cause.message.includes(code);
  return addsCode ? `${line} (${code})` : line!;
}

export function inSeconds(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}
