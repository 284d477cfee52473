import type { Context } from '@asphalt/core';
import { describeServer, type ServerContract } from '@asphalt/testing/contracts';
import { unavailable, type postgresServer } from '@asphalt/testing/servers';
import { sql } from 'kysely';
import { Database, SqlComponent, SqlLink } from '../../src/index.ts';

/** Registers the contract of servers for one kind of database. */
export function describeDatabase({
  name,
  server,
  startTls,
}: Pick<ServerContract, 'startTls'> & {
  readonly name: 'postgres' | 'mariadb';
  readonly server: typeof postgresServer;
}): void {
  describeServer({
    unavailable: unavailable(name),
    component: SqlComponent,
    server,
    ...(startTls && { startTls }),
    use: {
      link: (context, name) => context.getResourceSync(SqlLink, name),
      call: async (context: Context, text, name) => {
        const db = context.getResourceSync(Database, name);
        const { rows } = await sql<{ text: string }>`select ${text} as text`.execute(db);
        return rows[0]!.text;
      },
    },
    refusals: {
      'a wrong password': (url) => ({ url: url.replace(/:[^:@]+@/, ':wrong@') }),
      'a missing password': (url) => ({ url: url.replace(/:[^:@]+@/, '@') }),
      'an unknown database': (url) => ({ url: url.replace(/\/\w+$/, '/nowhere') }),
    },
  });
}
