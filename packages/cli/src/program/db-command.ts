/** Defines `asphalt db …`: the commands that run and create migrations of a database. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { StatusFormat } from '../db/commands.ts';
import type { FileType } from '../db/make.ts';
import type { Shell } from '../terminal/shell.ts';
import { formatOption, sourcesOf, withExamples, withSources, type SourceFlags } from './command-definitions.ts';

interface DbFlags extends SourceFlags {
  readonly component?: string;
}

/** Adds the commands to the program. They start only the components that the migrations need. */
export function addDbCommand(program: Command, shell: Shell): void {
  const db = program.command('db').description('Run, list, roll back and create migrations of a database.');

  const migrate = withTarget(db.command('migrate'))
    .description('Run the migrations that have not run.')
    .action((files: string[], { component, ...flags }: DbFlags) => {
      const args = { ...sourcesOf(migrate, files, flags), component, shell };
      return shell.perform(async () => (await import('../db/commands.ts')).migrate(args));
    });
  withExamples(migrate, 'asphalt.yaml', 'asphalt.yaml production.yaml --component orders/sql');

  const status = withTarget(db.command('status'))
    .description('List the migrations; the exit code is 1 if some have not run.')
    .addOption(formatOption('text', 'json'))
    .action((files: string[], { component, format, ...flags }: DbFlags & { readonly format: StatusFormat }) => {
      const args = { ...sourcesOf(status, files, flags, 'list'), component, format, shell };
      return shell.perform(async () => (await import('../db/commands.ts')).status(args));
    });
  withExamples(status, 'asphalt.yaml', 'asphalt.yaml --format json');

  const rollback = withTarget(db.command('rollback'))
    .description('Roll back the migration that ran last.')
    .action((files: string[], { component, ...flags }: DbFlags) => {
      const args = { ...sourcesOf(rollback, files, flags, 'roll back'), component, shell };
      return shell.perform(async () => (await import('../db/commands.ts')).rollback(args));
    });
  withExamples(rollback, 'asphalt.yaml');

  const make = withTarget(db.command('make').argument('<name>', 'name of the migration', migrationName))
    .description('Create the file of a new migration.')
    .addOption(
      new Option('-t, --type <type>', 'file type (default: that of the last migration)').choices(['ts', 'js', 'sql']),
    )
    .action((name: string, files: string[], { component, type, ...flags }: DbFlags & { readonly type?: FileType }) => {
      const args = { ...sourcesOf(make, files, flags), component, name, type, stdout: shell.stdout };
      return shell.perform(async () => (await import('../db/make.ts')).make(args));
    });
  withExamples(make, 'add-mail asphalt.yaml', 'add-mail asphalt.yaml --type sql');
  withExamples(db, 'migrate asphalt.yaml', 'make add-mail asphalt.yaml');
}

function withTarget(command: Command): Command {
  return withSources(command).option('-c, --component <path>', 'component with the migrations (default: the only one)');
}

function migrationName(name: string): string {
  if (/^\w[\w-]*$/.test(name)) return name;
  throw new InvalidArgumentError('Use letters, digits, hyphens and underscores.');
}
