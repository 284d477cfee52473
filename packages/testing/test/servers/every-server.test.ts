/** The methods of a server, for each server that the package can start. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  httpServer,
  mariadbServer,
  memcachedServer,
  mosquittoServer,
  natsServer,
  postgresServer,
  rabbitmqServer,
  redisServer,
  smtpServer,
  TestServer,
  unavailable,
  type ServerName,
} from '@asphalt/testing/servers';
import { errorOf, settled } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, Conversation } from './ask.ts';

interface Case {
  readonly start: () => Promise<TestServer>;
  /** A request that changes nothing, and its reply. */
  readonly request: string | Buffer;
  readonly reply: RegExp | string;
  readonly url: RegExp;
}

/** Opens an AMQP connection and logs in. */
const amqpLogin = Buffer.concat([
  Buffer.from('AMQP\0\0\x09\x01', 'latin1'),
  amqpMethod('\0\x0a\0\x0b\0\0\0\0\x05PLAIN\0\0\0\x0e\0guest\0hunter2\x05en_US'),
]);

function amqpMethod(payload: string): Buffer {
  const header = Buffer.alloc(7, 0);
  header.writeUInt8(1, 0);
  header.writeUInt32BE(payload.length, 3);
  return Buffer.concat([header, Buffer.from(`${payload}\xce`, 'latin1')]);
}

/** On a busy machine, RabbitMQ takes more than 10 s to start. */
const limitMs = 60_000;

const postgresStart = Buffer.from('\0\0\0\x29\0\x03\0\0user\0postgres\0database\0postgres\0\0', 'latin1');
const mqttConnect = Buffer.from('\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0', 'latin1');

const programs: Record<ServerName, Case> = {
  redis: { start: redisServer, request: 'PING\r\n', reply: /PONG/, url: /^redis:\/\/127\.0\.0\.1:\d+$/ },
  postgres: {
    start: postgresServer,
    request: postgresStart,
    reply: /server_version.*Z/s,
    url: /^postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres$/,
  },
  mariadb: {
    start: mariadbServer,
    request: '',
    reply: /MariaDB/,
    url: /^mysql:\/\/root@127\.0\.0\.1:\d+\/test$/,
  },
  nats: {
    start: natsServer,
    request: 'CONNECT {}\r\nPING\r\n',
    reply: /"jetstream":true.*PONG/s,
    url: /^nats:\/\/127\.0\.0\.1:\d+$/,
  },
  rabbitmq: {
    start: () => rabbitmqServer({ password: 'hunter2' }),
    request: amqpLogin,
    // The server proposes the limits of the connection.
    reply: '\0\x0a\0\x1e',
    url: /^amqp:\/\/guest:hunter2@127\.0\.0\.1:\d+$/,
  },
  mosquitto: {
    start: mosquittoServer,
    request: mqttConnect,
    reply: ' \x02\0\0',
    url: /^mqtt:\/\/127\.0\.0\.1:\d+$/,
  },
  memcached: {
    start: memcachedServer,
    request: 'version\r\n',
    reply: /^VERSION/,
    url: /^memcached:\/\/127\.0\.0\.1:\d+$/,
  },
};

const servers: Array<[string, Case, boolean]> = [
  ...Object.entries(programs).map(([name, each]): [string, Case, boolean] => [
    name,
    each,
    unavailable(name as ServerName) !== false,
  ]),
  ['smtp', { start: smtpServer, request: '', reply: /^220 /, url: /^smtp:\/\/127\.0\.0\.1:\d+$/ }, false],
  [
    'http',
    {
      start: () => httpServer((_request, response) => response.end('hello')),
      request: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      reply: /200 OK.*hello/s,
      url: /^http:\/\/127\.0\.0\.1:\d+\/$/,
    },
    false,
  ],
];

for (const [name, { start, request, reply, url }, isMissing] of servers) {
  test.skipIf(isMissing)(
    `${name} can be frozen, dropped, killed, started again and stopped`,
    async () => {
      const server = await start();
      onTestFinished(() => server.stop());
      expect(server.url).toMatch(url);
      expect(new URL(server.url).port).toBe(String(server.port));
      const open = new Conversation(server);
      await open.ask(request, reply);

      server.freeze();
      let isAnswered = false;
      const late = ask(server, request, reply).then(() => (isAnswered = true));
      await settled();
      expect(isAnswered).toBe(false);
      server.thaw();
      await late;

      await server.dropConnections();
      expect(await open.ended).toBe('ECONNRESET');
      const second = new Conversation(server);
      await second.ask(request, reply);

      await server.kill();
      expect(await second.ended).toMatch(/closed|ECONNRESET/);
      expect(await new Conversation(server).ended).toBe('ECONNREFUSED');
      await server.start();
      await ask(server, request, reply);

      await server.stop();
      expect(await new Conversation(server).ended).toBe('ECONNREFUSED');
    },
    limitMs,
  );
}

describe('the option password', { timeout: limitMs }, () => {
  const logins: Array<[ServerName, () => Promise<TestServer>, RegExp | string]> = [
    ['postgres', () => postgresServer({ password: 'hunter2' }), /SCRAM-SHA-256/],
    ['nats', () => natsServer({ password: 'hunter2' }), /"auth_required":true/],
    // The code 5 means that the client is not authorized.
    ['mosquitto', () => mosquittoServer({ password: 'hunter2' }), ' \x02\0\x05'],
  ];
  for (const [name, start, reply] of logins) {
    test.skipIf(unavailable(name))(`makes ${name} require a login, which its URL contains`, async () => {
      const server = await start();
      onTestFinished(() => server.stop());
      await ask(server, programs[name].request, reply);
      expect(new URL(server.url).password).toBe('hunter2');
    });
  }

  test.skipIf(unavailable('mariadb'))('sets the password of root in MariaDB', async () => {
    const server = await mariadbServer({ password: "hunter2'\\" });
    onTestFinished(() => server.stop());
    const login = ['--no-defaults', `--host=${server.host}`, `--port=${server.port}`, '--user=root'];
    const query = (password: string): Promise<unknown> =>
      promisify(execFile)('mariadb', [...login, '--execute=show databases'], {
        env: { ...process.env, MYSQL_PWD: password },
      });
    expect(await query("hunter2'\\")).toMatchObject({ stdout: expect.stringContaining('test') as string });
    expect((await errorOf(query('hunter3'))).message).toContain('Access denied');
  });
});
