/** Creates the dialect of a server from the options. Loads its driver, which is an optional dependency. */
import { tlsContext, type Endpoint } from '@asphalt/integration';
import { SqlDriverError } from './errors.ts';
import { Mariadb, mariadbGrammar, type SessionSettings } from './mariadb/mariadb.ts';
import { Postgres, postgresGrammar, type LoadCursor } from './postgres/postgres.ts';
import { ServerDialect } from './server/dialect.ts';
import type { ServerDialectName, SqlConfig } from './sql-options.ts';

/**
 * @param name - the default name of the connections
 * @throws {@link SqlDriverError} when the driver is not installed
 */
export async function serverDialect(
  kind: ServerDialectName,
  config: SqlConfig,
  endpoint: Endpoint,
  name: string,
): Promise<ServerDialect> {
  const { min, max, idle } = config.pool;
  const pool = { server: endpoint.server, min, max, idleMs: idle, waitMs: config.timeout };
  const settings = { config, endpoint, applicationName: config.applicationName ?? name };
  if (kind === 'postgres') return new ServerDialect(await postgres(settings), postgresGrammar, pool);
  const limits = { statementTimeoutMs: config.statementTimeout, lockTimeoutMs: config.lockTimeout };
  return new ServerDialect(await mariadb(settings, limits), mariadbGrammar(limits), pool);
}

interface Settings {
  readonly config: SqlConfig;
  readonly endpoint: Endpoint;
  readonly applicationName: string;
}

async function postgres({ config, endpoint, applicationName }: Settings): Promise<Postgres> {
  const { default: pg } = await import('pg').catch(cannotLoad('pg'));
  const { host, port, username, password, secure } = endpoint;
  const { connect, statementTimeout, lockTimeout } = config;
  const loadCursor: LoadCursor = async () => (await import('pg-cursor').catch(cannotLoad('pg-cursor'))).default;
  return new Postgres(pg.Client, loadCursor, {
    host,
    port,
    user: username ?? 'postgres',
    // Without a password, `pg` would look for one in the environment and in files.
    password: password ?? '',
    database: endpoint.database ?? config.database ?? username ?? 'postgres',
    ssl: secure ? await tlsContext(config.tls) : false,
    application_name: applicationName,
    connectionTimeoutMillis: connect.timeout,
    keepAlive: true,
    ...(statementTimeout !== undefined && { statement_timeout: statementTimeout }),
    ...(lockTimeout !== undefined && { lock_timeout: lockTimeout }),
  });
}

async function mariadb({ config, endpoint, applicationName }: Settings, limits: SessionSettings): Promise<Mariadb> {
  const { default: mysql } = await import('mysql2').catch(cannotLoad('mysql2'));
  const { host, port, username, password, secure } = endpoint;
  const database = endpoint.database ?? config.database;
  const options = {
    host,
    port,
    user: username ?? 'root',
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    // By itself, `mysql2` accepts a certificate of any host.
    ...(secure && { ssl: { ...(await tlsContext(config.tls)), verifyIdentity: config.tls?.verify !== false } }),
    connectAttributes: { program_name: applicationName },
    connectTimeout: config.connect.timeout,
    // A parameter that is an object must not become several columns.
    stringifyObjects: true,
    // By itself, `mysql2` rounds whole numbers above 2^53. Now it returns these as text.
    supportBigNumbers: true,
  };
  return new Mariadb((settings) => mysql.createConnection(settings), options as object, limits);
}

/** Reports a missing driver. Bundlers accept an import that they cannot resolve only if `catch` handles it directly. */
function cannotLoad(name: string): (cause: unknown) => never {
  return (cause) => {
    throw new SqlDriverError(name, cause);
  };
}
