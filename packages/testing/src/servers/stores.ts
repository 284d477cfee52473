/** Redis and memcached. */
import { serverPrograms } from './programs.ts';
import { startServer, urlWith, type PasswordOptions } from './start-server.ts';
import type { TestServer } from './test-server.ts';

/**
 * Starts a private Redis, or uses the server of `ASPHALT_TEST_REDIS`. Its data survives `kill()`.
 *
 * @throws {@link ServerMissingError} if the server is not installed
 */
export function redisServer({ password }: PasswordOptions = {}): Promise<TestServer> {
  const login = password === undefined ? [] : ['--requirepass', password];
  // Redis writes each command to a file before it replies, and does not wait for the disk.
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'no'];
  return startServer(serverPrograms.redis, urlWith('redis', '', password), {
    launch: ({ executables: [path], folder, socket }) => ({
      commands: [
        { path: path!, args: ['--port', '0', '--unixsocket', socket.path, '--dir', folder, ...durable, ...login] },
      ],
      target: socket,
      probe: { request: password === undefined ? 'PING\r\n' : authentication(password), reply: /\+PONG/ },
    }),
  });
}

function authentication(password: string): string {
  const words = ['AUTH', password];
  return `*2\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}PING\r\n`;
}

/**
 * Starts a private memcached, or uses the server of `ASPHALT_TEST_MEMCACHED`. It loses its data when it is killed.
 *
 * @throws {@link ServerMissingError} if the server is not installed
 */
export function memcachedServer(): Promise<TestServer> {
  return startServer(serverPrograms.memcached, urlWith('memcached'), {
    launch: ({ executables: [path], socket }) => ({
      commands: [{ path: path!, args: ['-s', socket.path] }],
      target: socket,
      probe: { request: 'version\r\n', reply: /^VERSION/ },
    }),
  });
}
