/** What a private server leaves on the machine, and how its start fails. Redis represents all servers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  httpServer,
  mariadbServer,
  mosquittoServer,
  natsServer,
  redisServer,
  ServerMissingError,
  ServerStartError,
  ServerStateError,
  TestServer,
  unavailable,
} from '@asphalt/testing/servers';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask } from './ask.ts';

afterEach(() => vi.unstubAllEnvs());

async function started(server: Promise<TestServer>): Promise<TestServer> {
  const result = await server;
  onTestFinished(() => result.stop());
  return result;
}

/** Returns the process and the folder of a Redis. */
async function traces(server: {
  readonly host: string;
  readonly port: number;
}): Promise<{ pid: number; folder: string }> {
  const information = await ask(server, 'INFO server\r\nCONFIG GET dir\r\n', /dir\r\n.*\r\n.*\r\n$/);
  const [, pid] = /process_id:(\d+)/.exec(information)!;
  const [, folder] = /dir\r\n\$\d+\r\n(.*)\r\n$/.exec(information)!;
  return { pid: Number(pid), folder: folder! };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.skipIf(unavailable('redis'))('a private server', () => {
  test('has a folder, which stop() deletes when the process has ended', async () => {
    const server = await started(redisServer());
    const { pid, folder } = await traces(server);
    expect([isRunning(pid), existsSync(folder)]).toEqual([true, true]);
    await Promise.all([server.stop(), server.stop()]);
    expect([isRunning(pid), existsSync(folder)]).toEqual([false, false]);
  });

  test('keeps its data when it is killed and started again', async () => {
    const server = await started(redisServer());
    await ask(server, 'SET name ada\r\n', /OK/);
    await server.kill();
    await server.start();
    expect(await ask(server, 'GET name\r\n', /\$3/)).toContain('ada');
  });

  test('requires the password of its options, which its URL contains', async () => {
    const server = await started(redisServer({ password: 'hunter2@home' }));
    expect(new URL(server.url).password).toBe('hunter2%40home');
    expect(await ask(server, 'PING\r\n', /\r\n/)).toMatch(/^-NOAUTH/);
    expect(await ask(server, 'AUTH hunter2@home\r\nPING\r\n', /PONG/)).toContain('OK');
  });

  test.each<NodeJS.Signals>(['SIGTERM', 'SIGKILL'])('ends when %s ends the process of the test', async (signal) => {
    const program = fileURLToPath(new URL('start-redis.mjs', import.meta.url));
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { pid, folder } = await traces({ host: '127.0.0.1', port: Number(line) });
    child.kill(signal);
    await vi.waitUntil(() => !isRunning(pid) && !existsSync(folder), { timeout: 10_000 });
  });

  test('does not keep the process of the test alive', async () => {
    const program = fileURLToPath(new URL('start-redis.mjs', import.meta.url));
    const child = spawn(process.execPath, [program, 'leave'], { stdio: ['ignore', 'ignore', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('the states of a server', () => {
  type Operation = 'kill' | 'start' | 'freeze' | 'thaw' | 'dropConnections';
  const reaches: ReadonlyArray<readonly [state: string, how: readonly Operation[], allowed: readonly Operation[]]> = [
    ['running', [], ['kill', 'freeze', 'dropConnections']],
    ['frozen', ['freeze'], ['kill', 'thaw', 'dropConnections']],
    ['down', ['kill'], ['start']],
  ];
  const operations: readonly Operation[] = ['kill', 'start', 'freeze', 'thaw', 'dropConnections'];
  const cells = reaches.flatMap(([state, how, allowed]) =>
    operations.map((operation) => ({
      state,
      how,
      operation,
      outcome: allowed.includes(operation) ? 'works' : 'fails',
    })),
  );

  test.each(cells)('$operation of a $state server $outcome', async ({ state, how, operation, outcome }) => {
    const server = await started(httpServer((_request, response) => response.end()));
    for (const step of how) await server[step]();
    const error: unknown = await (async () => server[operation]())().catch((thrown: unknown) => thrown);
    const reported = error instanceof ServerStateError ? error.state : error;
    expect(reported).toBe(outcome === 'works' ? undefined : state);
  });

  test('a stopped server cannot be started again', async () => {
    const server = await started(httpServer((_request, response) => response.end()));
    await server.stop();
    expect((await errorOf(server.start())).message).toMatchInlineSnapshot(`
      "Cannot start the server http: it is stopped
        help         start another server; a stopped one has lost its data
        code         ERR_TEST_SERVER_STATE"
    `);
  });
});

describe('a server that the environment specifies', () => {
  test.skipIf(unavailable('redis'))('is reached through a wire, on which kill and freeze act', async () => {
    const shared = await started(redisServer({ password: 'hunter2' }));
    vi.stubEnv('ASPHALT_TEST_REDIS', shared.url);
    const server = await started(redisServer());
    expect(server.url).toBe(shared.url.replace(String(shared.port), String(server.port)));
    await server.kill();
    await server.start();
    server.freeze();
    server.thaw();
    await ask(server, 'AUTH hunter2\r\nPING\r\n', /PONG/);
    await server.stop();
    await ask(shared, 'AUTH hunter2\r\nPING\r\n', /PONG/);
  });

  test('makes tests of it available without the program', () => {
    vi.stubEnv('PATH', '');
    vi.stubEnv('ASPHALT_TEST_NATS', 'nats://example.org');
    expect(unavailable('nats')).toBe(false);
  });
});

test.skipIf(unavailable('redis'))('the URL of a private server contains any password', async () => {
  const password = 'pä%/@';
  const server = await started(redisServer({ password }));
  expect(decodeURIComponent(new URL(server.url).password)).toBe(password);
});

describe('a server that cannot start', () => {
  test.each(['garbage', 'http://localhost'])('reports the variable that specifies it as %j', async (url) => {
    vi.stubEnv('ASPHALT_TEST_REDIS', url);
    expect((await errorOf(redisServer(), ServerStartError)).message).toBe(
      'The server redis did not start: ASPHALT_TEST_REDIS must be a URL that starts with redis://\n' +
        '  code         ERR_TEST_SERVER_START',
    );
  });

  test('reports a missing program and the command that installs it', async () => {
    // No machine has this program outside of the PATH.
    vi.stubEnv('PATH', '');
    const error = await errorOf(redisServer(), ServerMissingError);
    expect(unavailable('redis')).toMatchInlineSnapshot(
      `"A test needs redis, and the program \`redis-server\` is not installed: apt-get install redis-server, or set ASPHALT_TEST_REDIS to the URL of a server"`,
    );
    expect(error.message).toMatchInlineSnapshot(`
      "A test needs redis, and the program \`redis-server\` is not installed
        help         apt-get install redis-server
                     or set ASPHALT_TEST_REDIS to the URL of a server
        code         ERR_TEST_SERVER_MISSING"
    `);
  });

  test('reports the output of a program that ends at once', async () => {
    await programs({ 'redis-server': 'for i in 1 2 3; do echo "line $i"; done; exit 3' });
    expect((await errorOf(redisServer(), ServerStartError)).message).toMatchInlineSnapshot(`
      "The server redis did not start: redis-server ended with exit code 3
        output       line 1
                     line 2
                     line 3
        code         ERR_TEST_SERVER_START"
    `);
  });

  test('reports the output of a preparation that fails', async () => {
    await programs({ mosquitto: 'exit 0', mosquitto_passwd: 'echo "Error: no space left" >&2; exit 1' });
    const error = await errorOf(mosquittoServer({ password: 'hunter2' }), ServerStartError);
    expect(error.message).toMatchInlineSnapshot(`
      "The server mosquitto did not start: mosquitto_passwd failed
        output       Error: no space left
        code         ERR_TEST_SERVER_START"
    `);
  });

  test.skipIf(unavailable('nats'))('is started at another port if another program takes its port', async () => {
    const path = `/usr/sbin:${process.env.PATH}`;
    const failsOnce = '[ -e tried ] || { touch tried; echo "bind: address already in use"; exit 1; }';
    await programs({ 'nats-server': `${failsOnce}\nPATH=${path} exec nats-server "$@"` });
    const server = await started(natsServer());
    expect(await ask(server, '', /\n/)).toContain('"jetstream":true');
  });
});

describe.skipIf(unavailable('mariadb'))('the data of a database', () => {
  test('is copied from an archive, which concurrent first starts create', { timeout: 60_000 }, async () => {
    const folder = tempFolder();
    await chmod(folder, 0o777);
    const path = process.env.PATH;
    const calls = join(folder, 'calls');
    await programs({ 'mariadb-install-db': `echo call >> ${calls}\nPATH=${path} exec mariadb-install-db "$@"` });
    vi.stubEnv('TMPDIR', folder);
    const archives = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith('.tar'));
    const first = await Promise.all([started(mariadbServer()), started(mariadbServer())]);
    expect(await archives()).toEqual([expect.stringMatching(/^asphalt-mariadb-[0-9a-f]{16}\.tar$/)]);
    await Promise.all(first.map((server) => server.stop()));
    const third = await started(mariadbServer({ password: 'hunter2' }));
    expect(await ask(third, '', /MariaDB/)).toContain('MariaDB');
    expect((await readFile(calls, 'utf8')).trim().split('\n')).toEqual(['call', 'call']);
    expect(await archives()).toHaveLength(1);
  });
});

/** Puts programs into the PATH. */
async function programs(scripts: Readonly<Record<string, string>>): Promise<void> {
  const folder = tempFolder();
  await chmod(folder, 0o755);
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
}
