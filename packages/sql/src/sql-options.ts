/** The options of `SqlComponent`, and the dialect that they select. */
import { basename } from 'node:path';
import { defineConfig, type ConfigOf } from '@asphalt/core';
import type { OptionFault } from '@asphalt/core/config';
import { endpointFaults, serverOptions, type ServerConfig, type ServerKind } from '@asphalt/integration';

const isolationLevels = ['read uncommitted', 'read committed', 'repeatable read', 'serializable'] as const;

/** The dialects by the scheme of their URLs. */
const schemes: Readonly<Record<string, ServerDialectName>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mariadb',
  mariadb: 'mariadb',
};
const ports = { postgres: 5432, mariadb: 3306 } as const;

export type ServerDialectName = keyof typeof ports;
export type DialectName = ServerDialectName | 'sqlite';

const poolOptions = defineConfig({
  min: { doc: 'Number of connections that stay open', format: 'int', default: 0 },
  max: { doc: 'Highest number of connections', format: 'int', default: 10 },
  idle: { doc: 'How long a connection that nothing uses stays open', format: 'duration', default: '60s' },
});

const { url, port, host, ...otherServerOptions } = serverOptions({ scheme: 'postgres', port: 5432, env: 'DATABASE' });

/** The values of {@link sqlOptions}. */
export interface SqlConfig extends ServerConfig {
  readonly dialect: DialectName | undefined;
  readonly file: string | undefined;
  readonly wait: number;
  readonly database: string | undefined;
  readonly replica: string | undefined;
  readonly pool: ConfigOf<typeof poolOptions>;
  readonly applicationName: string | undefined;
  readonly isolation: (typeof isolationLevels)[number] | undefined;
  readonly statementTimeout: number | undefined;
  readonly lockTimeout: number | undefined;
  readonly migrations: string | undefined;
  readonly migrate: 'auto' | 'check' | 'off';
  readonly rollback: boolean;
  readonly slow: number;
}

export const sqlOptions = defineConfig(
  {
    url: { ...url, doc: 'URL of a server: postgres://host:5432/database, or mysql://host:3306/database' },
    dialect: {
      doc: 'Kind of the database; by default that of `url`, or sqlite',
      format: ['sqlite', 'postgres', 'mariadb'] as const,
    },
    file: {
      doc: 'SQLite file, created with its folder if missing; without it, data are in memory and lost when the application ends',
      format: 'path',
    },
    wait: {
      doc: 'SQLite: time limit for a statement or transaction that waits for a busy database',
      format: 'duration',
      default: '5s',
    },
    host,
    port: { ...port, doc: 'Port of the server, if `url` does not contain one; by default that of the dialect' },
    database: { doc: 'Name of the database, if `url` does not contain one', format: 'string' },
    ...otherServerOptions,
    replica: {
      doc: 'URL of a replica for transactions that only read; they use the server itself while the replica is not available',
      format: 'url',
      env: 'DATABASE_REPLICA_URL',
      sensitive: true,
    },
    pool: { doc: 'Connections to a server', format: poolOptions, default: {} },
    applicationName: {
      doc: 'Name of the connections in the lists of PostgreSQL; by default the path of the component',
      format: 'string',
    },
    isolation: {
      doc: 'Isolation of the transactions of contexts; by default that of the server. SQLite is always serializable',
      format: isolationLevels,
    },
    statementTimeout: { doc: 'Time limit of the server for one statement; by default none', format: 'duration' },
    lockTimeout: {
      doc: 'Time limit of the server for one lock; whole seconds on MariaDB; by default that of the server',
      format: 'duration',
    },
    migrations: {
      doc: 'Folder of migrations: modules that export `up` and `down`, or .sql files',
      format: 'path',
    },
    migrate: {
      doc: 'At the start, run the migrations that have not run (auto), fail if there are any (check), or do nothing (off)',
      format: ['auto', 'check', 'off'] as const,
      default: 'auto',
    },
    rollback: {
      doc: 'For tests: roll back all changes when the application stops',
      format: 'boolean',
      default: false,
    },
    slow: {
      doc: 'Duration from which a statement is logged as a warning; 0 for none',
      format: 'duration',
      default: '1s',
    },
  },
  check,
);

function* check(config: SqlConfig): Generator<OptionFault> {
  const { file, url: address, dialect, pool } = config;
  // SQLite would open a file below a folder named `sqlite:`.
  const scheme = file?.split(/[/\\]/).find((part) => /^(?:file|sqlite3?|libsql):/i.test(part));
  if (scheme !== undefined) {
    yield { option: 'file', message: 'must be a path instead of a URL', help: 'write a path such as ./data.db' };
  }
  if (pool.min < 0 || pool.max < 1 || pool.max < pool.min) {
    yield {
      option: ['pool', 'max'],
      message: 'must be at least 1 and not lower than `pool.min`, which must not be negative',
    };
  }
  const name = dialectOf(config);
  if (name === 'mariadb' && config.tls?.serverName !== undefined) {
    yield { option: ['tls', 'serverName'], message: 'is not supported by the driver of MariaDB, which uses the host' };
  }
  if (file !== undefined && name !== 'sqlite') {
    yield { option: 'file', message: 'must not be set together with a server', help: 'remove one of them' };
  }
  if (config.migrations !== undefined && config.migrate !== 'off' && !config.required) {
    yield {
      option: 'migrate',
      message: 'must be off because the application also starts without the server',
      help: 'set it to off, and run `asphalt db migrate` in the deployment',
    };
  }
  if (config.replica !== undefined) yield* urlFaults('replica', config.replica);
  if (config.replica !== undefined && dialectOf({ url: config.replica, dialect: undefined }) !== name) {
    yield { option: 'replica', message: 'must be a server of the same kind as the database itself' };
  }
  if (address !== undefined) {
    yield* urlFaults('url', address);
    if (dialect !== undefined && dialect !== name) {
      yield { option: 'dialect', message: 'must not differ from that of `url`', help: 'remove the option' };
    }
    if (new URL(address).pathname.length > 1 && config.database !== undefined) {
      yield { option: 'database', message: 'must not be set together with a `url` that contains it' };
    }
  }
  if (name !== 'sqlite') yield* endpointFaults(serverKind(config, name))(config);
}

function* urlFaults(option: string, address: string): Generator<OptionFault> {
  const { protocol, search } = new URL(address);
  if (schemes[protocol.slice(0, -1)] === undefined) {
    yield { option, message: 'must start with postgres:// or mysql://' };
  }
  if (search !== '') {
    yield { option, message: 'must not contain parameters after `?`', help: 'use the options of the component' };
  }
}

/** Returns the configuration of the replica, which differs from that of the server only in its address. */
export function replicaConfig(config: SqlConfig, url: string): SqlConfig {
  const none = { host: undefined, port: undefined, username: undefined, password: undefined };
  return { ...config, ...none, url, required: false };
}

export function dialectOf({ url: address, dialect }: Pick<SqlConfig, 'url' | 'dialect'>): DialectName {
  if (address === undefined) return dialect ?? 'sqlite';
  return schemes[new URL(address).protocol.slice(0, -1)] ?? 'sqlite';
}

export function serverKind({ url: address }: SqlConfig, dialect: ServerDialectName): ServerKind {
  const scheme = address === undefined ? dialect : new URL(address).protocol.slice(0, -1);
  return { scheme, port: ports[dialect], env: 'DATABASE' };
}

/** The SQLite file; undefined for a database in memory. The path format has prepended a folder to SQLite's own name. */
export function fileOf({ file }: SqlConfig): string | undefined {
  return file === undefined || basename(file) === ':memory:' ? undefined : file;
}
