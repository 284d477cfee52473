/** The tables of the inbox and the outbox, and the differences between databases. */
import { executeScript, type Database } from '@asphalt/sql';
import { MysqlAdapter, PostgresAdapter } from 'kysely';

/** A message that the relay has not sent yet. */
export interface OutboxRow {
  /** Determines the order in which the relay sends. */
  readonly position: number;
  readonly id: string;
  readonly kind: 'queue' | 'topic';
  /** The name of the queue or topic. */
  readonly target: string;
  readonly message_key: string | null;
  readonly headers: string;
  readonly payload: Uint8Array;
  /** The time before which a handler must not receive it, in milliseconds since 1970. */
  readonly due_at: number;
}

export interface Tables {
  readonly asphalt_outbox: OutboxRow;
  readonly asphalt_inbox: { readonly source: string; readonly id: string; readonly accepted_at: number };
}

export function dialectOf(db: Pick<Database, 'getExecutor'>): 'postgres' | 'mariadb' | 'sqlite' {
  const { adapter } = db.getExecutor();
  if (adapter instanceof PostgresAdapter) return 'postgres';
  return adapter instanceof MysqlAdapter ? 'mariadb' : 'sqlite';
}

/** Creates the tables that do not exist. Several processes can call it at once. */
export async function createTables(db: Database): Promise<void> {
  const script = scripts[dialectOf(db)];
  try {
    await executeScript(db, script);
  } catch (error) {
    // PostgreSQL lets two processes create a table at once, and fails the second one.
    if (dialectOf(db) !== 'postgres') throw error;
    await executeScript(db, script);
  }
}

const columns = (position: string, bytes: string): string => `
  create table if not exists asphalt_outbox (
    position ${position},
    id varchar(36) not null,
    kind varchar(5) not null,
    target varchar(64) not null,
    message_key varchar(500),
    headers ${bytes === 'longblob' ? 'longtext' : 'text'} not null,
    payload ${bytes} not null,
    due_at bigint not null
  );
  create table if not exists asphalt_inbox (
    source varchar(130) not null,
    id varchar(500) not null,
    accepted_at bigint not null,
    primary key (source, id)
  );
  create index if not exists asphalt_inbox_accepted on asphalt_inbox (accepted_at);`;

const scripts = {
  sqlite: columns('integer primary key autoincrement', 'blob'),
  postgres: columns('bigserial primary key', 'bytea'),
  mariadb: columns('bigint auto_increment primary key', 'longblob'),
};
