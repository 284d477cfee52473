/** PostgreSQL and MariaDB. */
import { join } from 'node:path';
import { serverPrograms } from './programs.ts';
import { startServer, urlWith, type PasswordOptions } from './start-server.ts';
import { createData } from './template.ts';
import type { TestServer } from './test-server.ts';

/**
 * Starts a private PostgreSQL with the user and the database `postgres`, or uses the server of `ASPHALT_TEST_POSTGRES`.
 * Its data survives `kill()`.
 *
 * @throws {@link ServerMissingError} if the server is not installed
 */
export function postgresServer({ password }: PasswordOptions = {}): Promise<TestServer> {
  return startServer(serverPrograms.postgres, urlWith('postgres', 'postgres', password, '/postgres'), {
    async prepare(place) {
      const [, initdb] = place.executables;
      const data = ['-D', join(place.folder, 'data'), '-U', 'postgres', '-E', 'UTF8', '--locale', 'C', '--no-sync'];
      const login =
        password === undefined
          ? ['-A', 'trust']
          : ['-A', 'scram-sha-256', '--pwfile', place.write('password', password)];
      await createData(place, { path: initdb!, args: [...data, ...login] }, password);
    },
    launch: ({ executables: [path], folder }) => ({
      commands: [
        {
          path: path!,
          args: ['-D', join(folder, 'data'), ...settings({ unix_socket_directories: folder, listen_addresses: '' })],
        },
      ],
      target: { path: join(folder, '.s.PGSQL.5432') },
      // While the database starts or recovers, the reply is an error.
      probe: { request: startupMessage(), reply: /^R/ },
    }),
  });
}

/** A process that is killed loses nothing that it wrote to files, so no file must reach the disk. */
function settings(places: Readonly<Record<string, string>>): string[] {
  return Object.entries({ ...places, fsync: 'off' }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Asks for a connection. The server requests the password, or accepts the user. */
function startupMessage(): Buffer {
  const version = '\0\x03\0\0';
  const body = Buffer.from(`${version}user\0postgres\0database\0postgres\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeInt32BE(length.length + body.length);
  return Buffer.concat([length, body]);
}

/**
 * Starts a private MariaDB with the user `root` and the database `test`, or uses the server of `ASPHALT_TEST_MARIADB`. Its
 * data survives `kill()`.
 *
 * @throws {@link ServerMissingError} if the server is not installed
 */
export function mariadbServer({ password = '' }: PasswordOptions = {}): Promise<TestServer> {
  return startServer(serverPrograms.mariadb, urlWith('mysql', 'root', password, '/test'), {
    async prepare(place) {
      const [, install] = place.executables;
      const data = ['--no-defaults', `--datadir=${join(place.folder, 'data')}`];
      // Servers that share a folder for temporary files delete those of each other.
      const tables = ['--auth-root-authentication-method=normal', '--skip-test-db', `--tmpdir=${place.folder}`];
      await createData(place, { path: install!, args: [...data, ...tables] });
      const literal = password.replace(/['\\]/g, '\\$&');
      place.write(
        'init.sql',
        `create database if not exists test;\nalter user root@localhost identified by '${literal}';\n`,
      );
    },
    launch: ({ executables: [path], folder, socket }) => ({
      commands: [
        {
          path: path!,
          args: [
            '--no-defaults',
            '--skip-networking',
            '--innodb-flush-method=nosync',
            `--socket=${socket.path}`,
            `--datadir=${join(folder, 'data')}`,
            `--tmpdir=${folder}`,
            `--pid-file=${join(folder, 'pid')}`,
            `--init-file=${join(folder, 'init.sql')}`,
          ],
        },
      ],
      target: socket,
      // The server speaks first, with the version of its protocol after the header of four bytes.
      probe: { request: '', reply: /^[^]{4}\n/ },
    }),
  });
}
