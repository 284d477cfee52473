import { inspect } from 'node:util';
import { Component, component, defineConfig } from '@asphalt/core';
import { errorOf, problemOf, problemsOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { ConnectOptionsError, endpoint, endpointFaults, serverOptions, type ServerConfig } from '../src/index.ts';
import { defaults, kind } from './fake-server.ts';

const none: ServerConfig = { ...defaults, host: undefined };
const at = (config: Partial<ServerConfig>): ReturnType<typeof endpoint> => endpoint({ ...none, ...config }, kind);

const options = defineConfig(serverOptions(kind), endpointFaults(kind));

@component({ config: options })
class Client extends Component<typeof options> {}

test('without options, the server is the usual port of this machine', () => {
  expect(at({})).toMatchObject({ host: 'localhost', port: 7000, secure: false, server: 'localhost:7000' });
});

test('single options determine the address and the login', () => {
  const end = at({ host: 'db', port: 7001, username: 'ada', password: 'a1b2' });
  expect(end).toMatchObject({ server: 'db:7001', username: 'ada', password: 'a1b2', database: undefined });
});

test('a URL determines the address, the login and the database', () => {
  const end = at({ url: 'fakes://ada%40x:a%2Fb@db:7001/main' });
  const expected = { server: 'db:7001', username: 'ada@x', password: 'a/b', database: 'main', secure: true };
  expect(end).toMatchObject(expected);
});

test('the address of a URL with IPv6 is shown in brackets', () => {
  expect(at({ url: 'fake://[::1]:7001' })).toMatchObject({ host: '::1', server: '[::1]:7001' });
});

test('the login contains only what the options contain', () => {
  expect(at({}).login).toEqual({});
  expect(at({ url: 'fake://ada@db', password: 'a1b2' }).login).toEqual({ username: 'ada', password: 'a1b2' });
});

test('a URL is completed by the password of another option', () => {
  expect(at({ url: 'fake://db', password: 'a1b2' })).toMatchObject({ server: 'db:7000', password: 'a1b2' });
});

test('an empty section enables TLS', () => {
  const tls = { ca: undefined, cert: undefined, key: undefined, serverName: undefined, verify: true };
  expect(at({ tls }).secure).toBe(true);
});

test('an inspected endpoint shows no password', () => {
  const end = at({ url: 'fake://ada:hunter2@db' });
  expect(inspect(end, { showHidden: true, depth: 9 })).not.toContain('hunter2');
  expect(JSON.stringify(end)).not.toContain('hunter2');
  expect(end.secrets).toEqual(['hunter2', 'hunter2']);
});

test('options that contradict each other fail without a check of the plan too', async () => {
  const error = await errorOf(() => at({ url: 'fake://db', host: 'other' }), ConnectOptionsError);
  expect(error.message).toMatchInlineSnapshot(`
    "The option \`host\` must not be set together with a \`url\` that contains it
      help         remove one of them
      code         ERR_CONNECT_OPTIONS"
  `);
});

const problems = (config: object): Promise<string[]> => problemsOf(Client, config as never);

test('a client without options has no problem', async () => {
  expect(await problems({})).toEqual([]);
});

test('an option that the URL contains too is a problem of the plan', async () => {
  const [problem] = await problems({ url: 'fake://ada:a1b2@db', password: 'x' });
  expect(problem).toContain('`component.password` must not be set together with a `url` that contains it');
});

test('a URL of another technology is a problem of the plan', async () => {
  expect(await problemOf(Client, { url: 'http://db' } as never)).toContain('must start with fake:// or fakes://');
});

test('a login with a bare percent sign is a problem of the plan', async () => {
  expect(await problemOf(Client, { url: 'fake://ada:100%@db' } as never)).toContain(
    'must have a login in which `%` is written as `%25`',
  );
});

test('crossed bounds of the back-off are a problem of the plan', async () => {
  const problem = await problemOf(Client, { connect: { minDelay: '3s' } } as never);
  expect(problem).toContain('`component.connect.minDelay` must not be longer than `connect.maxDelay`');
});

test('a certificate without its key is a problem of the plan', async () => {
  expect(await problemOf(Client, { tls: { cert: 'a.pem' } } as never)).toContain(
    'must contain both `cert` and `key`, or neither',
  );
});

test.each(['', 'redis://db', 'ada@db', 'db/1', 'db:7001', '[::1]', 'a b'])(
  'the host %j is a problem of the plan',
  async (host) => {
    expect(await problemOf(Client, { host } as never)).toContain('must be only the name or address of the server');
  },
);

test.each(['db', 'db.example.com', '10.0.0.1', '::1', 'bücher.example', 'db_1'])('%j can be a host', async (host) => {
  expect(await problems({ host })).toEqual([]);
});

test('the port 0 is a problem of the plan, as an option and in the URL', async () => {
  expect(await problemOf(Client, { port: 0 } as never)).toContain('must be a whole number from 1 to 65535');
  expect(await problemOf(Client, { url: 'fake://db:0' } as never)).toContain('must have a port from 1 to 65535');
});

test.each([{ timeout: 0 }, { connect: { timeout: 0 } }])(
  'the time limit %j is a problem of the plan',
  async (config) => {
    expect(await problemOf(Client, config as never)).toContain('must be at least 1 ms');
  },
);
