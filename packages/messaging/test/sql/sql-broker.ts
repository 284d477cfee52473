/** Applications with a database of each kind, an outbox, and an engine in memory that they share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlComponent } from '@asphalt/sql';
import { mariadbServer, postgresServer, unavailable, type TestServer } from '@asphalt/testing/servers';
import { afterAll, onTestFinished } from 'vitest';
import { OutboxComponent } from '../../src/sql/index.ts';
import type { TestBroker } from '../../src/testing/index.ts';

export const databases = ['SQLite', 'PostgreSQL', 'MariaDB'] as const;
export type DatabaseName = (typeof databases)[number];

/** Why tests of a database are skipped; false if it can be started. */
export function missing(name: DatabaseName): string | false {
  if (name === 'SQLite') return false;
  return unavailable(name === 'PostgreSQL' ? 'postgres' : 'mariadb');
}

/** Returns a function that adds a database to a broker. All tests of a file share one server, and each test has new tables. */
export function withDatabase(name: DatabaseName): (broker: TestBroker) => Promise<TestBroker> {
  let server: Promise<TestServer> | undefined;
  afterAll(async () => (await server)?.stop(), 60_000);
  return async (broker) => {
    const sql =
      name === 'SQLite'
        ? { file: join(temporaryFolder(), 'data.db') }
        : { url: (await (server ??= name === 'PostgreSQL' ? postgresServer() : mariadbServer())).url };
    return {
      ...broker,
      components: { ...broker.components, sql: SqlComponent, outbox: OutboxComponent },
      config: { ...broker.config, sql, outbox: { poll: 50 } },
    };
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'asphalt-outbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
