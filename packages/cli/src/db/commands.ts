/** `asphalt db migrate`, `status` and `rollback`. */
import type { Shell } from '../terminal/shell.ts';
import { columns } from '../terminal/columns.ts';
import { printable } from '../terminal/printable.ts';
import { withMigrations, type DbArguments } from './migrations.ts';

export interface DbOptions extends DbArguments {
  readonly shell: Shell;
}

export type StatusFormat = 'text' | 'json';

/** Runs the migrations that have not run. @returns the exit code */
export async function migrate({ shell, ...args }: DbOptions): Promise<number> {
  const { stdout, stderr } = shell;
  const names = await withMigrations(args, stderr, (migrations) => migrations.migrate());
  for (const name of names) stdout.write(`Ran ${printable(name)}\n`);
  if (names.length === 0) stdout.write('No migration is pending\n');
  return 0;
}

/** Lists the migrations. @returns the exit code: 1 if a migration has not run */
export async function status({
  shell,
  format,
  ...args
}: DbOptions & { readonly format: StatusFormat }): Promise<number> {
  const { stdout, stderr } = shell;
  const states = await withMigrations(args, stderr, (migrations) => migrations.status());
  if (format === 'json') {
    const described = states.map(({ name, ranAt = null }) => ({ name, ranAt }));
    stdout.write(`${JSON.stringify(described, undefined, 2)}\n`);
  } else if (states.length === 0) stdout.write('The folder has no migrations\n');
  else {
    const rows = states.map(({ name, ranAt }) => [printable(name), ranAt?.toISOString() ?? 'pending']);
    stdout.write(`${columns(rows).join('\n')}\n`);
  }
  return states.every(({ ranAt }) => ranAt) ? 0 : 1;
}

/** Rolls back the migration that ran last. @returns the exit code */
export async function rollback({ shell, ...args }: DbOptions): Promise<number> {
  const { stdout, stderr } = shell;
  const name = await withMigrations(args, stderr, (migrations) => migrations.rollback());
  stdout.write(name === undefined ? 'No migration has run\n' : `Rolled back ${printable(name)}\n`);
  return 0;
}
