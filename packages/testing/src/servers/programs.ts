import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ServerMissingError } from './errors.ts';

/** A server program of the system. */
export interface ServerProgram {
  /** As in `ASPHALT_TEST_REDIS`. */
  readonly name: string;
  /** The executables that a private server uses; the first one is the server. */
  readonly executables: readonly string[];
  readonly debianPackage: string;
  /** The port of a URL without one. */
  readonly defaultPort: number;
}

/** The servers that tests can start, by name. */
export const serverPrograms = {
  redis: { name: 'redis', executables: ['redis-server'], debianPackage: 'redis-server', defaultPort: 6379 },
  postgres: { name: 'postgres', executables: ['postgres', 'initdb'], debianPackage: 'postgresql', defaultPort: 5432 },
  mariadb: {
    name: 'mariadb',
    executables: ['mariadbd', 'mariadb-install-db'],
    debianPackage: 'mariadb-server',
    defaultPort: 3306,
  },
  nats: { name: 'nats', executables: ['nats-server'], debianPackage: 'nats-server', defaultPort: 4222 },
  rabbitmq: {
    name: 'rabbitmq',
    executables: ['rabbitmq-server', 'epmd'],
    debianPackage: 'rabbitmq-server',
    defaultPort: 5672,
  },
  mosquitto: {
    name: 'mosquitto',
    executables: ['mosquitto', 'mosquitto_passwd'],
    debianPackage: 'mosquitto',
    defaultPort: 1883,
  },
  memcached: { name: 'memcached', executables: ['memcached'], debianPackage: 'memcached', defaultPort: 11_211 },
} as const satisfies Record<string, ServerProgram>;

export type ServerName = keyof typeof serverPrograms;

/**
 * Returns in one line why tests cannot use a server, with the command that fixes it, and `false` if they can. Pass it to
 * the option `skip` of `node:test`, or to vitest as condition and title: `describe.skipIf(why)(why || 'a client', …)`.
 */
export function unavailable(server: ServerName): string | false {
  const program = serverPrograms[server];
  if (urlOf(program) !== undefined) return false;
  const error = missing(program);
  return error ? `${error.summary}: ${error.fixes.join(', or ')}` : false;
}

/** Returns the URL of the server that the environment specifies for tests. */
export function urlOf(program: ServerProgram): string | undefined {
  return process.env[variableOf(program)] || undefined;
}

/** Returns the paths of the executables. @throws {@link ServerMissingError} if the server is not installed */
export function locate(program: ServerProgram): string[] {
  const error = missing(program);
  if (error) throw error;
  return program.executables.map((name) => pathOf(name)!);
}

function missing(program: ServerProgram): ServerMissingError | undefined {
  const name = program.executables.find((each) => pathOf(each) === undefined);
  if (name === undefined) return undefined;
  return new ServerMissingError(program.name, name, program.debianPackage, variableOf(program));
}

/** Returns the name of the variable that specifies a server. */
export function variableOf({ name }: ServerProgram): string {
  return `ASPHALT_TEST_${name.toUpperCase()}`;
}

/** Debian installs servers outside of the PATH of ordinary users. Its `rabbitmq-server` in `/usr/sbin` needs `su`. */
function pathOf(executable: string): string | undefined {
  const folders = ['/usr/lib/rabbitmq/bin', ...postgresFolders(), ...(process.env.PATH ?? '').split(delimiter)];
  return [...folders, '/usr/sbin', '/usr/local/sbin'].map((folder) => join(folder, executable)).find(isExecutable);
}

/** The newest version of PostgreSQL comes first. */
function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(root, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
