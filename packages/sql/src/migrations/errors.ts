import { AsphaltError } from '@asphalt/core';

/** Thrown at the start with `migrate: check` if migrations have not run on the database. */
export class SqlPendingMigrationsError extends AsphaltError {
  readonly code = 'ERR_SQL_MIGRATIONS_PENDING';

  constructor(readonly migrations: readonly string[]) {
    const count = migrations.length === 1 ? 'A migration has' : `${migrations.length} migrations have`;
    super({
      summary: `${count} not run on the database`,
      details: migrations.map((name, index) => [`${index + 1}.`, name] as const),
      help: ['run `asphalt db migrate` with the configuration of the application', 'set the option `migrate` to auto'],
    });
  }
}

/** The problems that the files of migrations can have. */
export type MigrationFileProblem = 'unreadable' | 'no-up' | 'no-down' | 'twice' | 'down-only';

const problems: Record<MigrationFileProblem, { summary: string; label: string; help: string }> = {
  unreadable: {
    summary: 'The folder of migrations cannot be read',
    label: 'folder',
    help: 'set the option `migrations` to a folder that exists',
  },
  'no-up': {
    summary: 'A file of migrations exports no function `up`',
    label: 'file',
    help: 'export it: export async function up(db) { … }',
  },
  'no-down': {
    summary: 'The last migration has no `down`, so it cannot be rolled back',
    label: 'migration',
    help: 'export a function `down`, or write a file that ends in .down.sql for a .sql file',
  },
  twice: {
    summary: 'Two files of migrations have the same name',
    label: 'file',
    help: 'rename or delete one of them',
  },
  'down-only': {
    summary: 'A .down.sql file belongs to no migration',
    label: 'file',
    help: 'add the .sql file of the same name, or delete this one',
  },
};

/** Thrown when a folder of migrations, or one of its files, cannot be used. No migration has run. */
export class SqlMigrationFileError extends AsphaltError {
  readonly code = 'ERR_SQL_MIGRATION_FILE';

  constructor(
    readonly problem: MigrationFileProblem,
    /** The path of the file or folder; the name of a migration without a file. */
    readonly file: string,
    cause?: unknown,
  ) {
    const { summary, label, help } = problems[problem];
    super(
      {
        summary,
        details: [
          [label, file],
          ['got', cause instanceof Error ? cause.message : undefined],
        ],
        help,
      },
      { cause },
    );
  }
}
