import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { createServer, type AddressInfo, type Server as SocketServer, type Socket } from 'node:net';
import type { HealthReport } from '@asphalt/core';
import { tempFolder } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appWith, asphalt, useAsphalt, type Ended } from '../asphalt-process.ts';

useAsphalt();

const empty = appWith({});

async function listening(server: Server | SocketServer): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Queries a server with this handler; the result does not contain its port. */
async function query(handler: RequestListener, ...args: readonly string[]): Promise<Ended> {
  const url = await listening(createHttpServer(handler));
  const ended = await asphalt(empty, ['health', `${url}/readyz?token=hidden`, ...args]);
  const neutral = (text: string): string => text.replaceAll(url, 'http://<server>');
  return { ...ended, stdout: neutral(ended.stdout), stderr: neutral(ended.stderr) };
}

/** Queries a server that treats the connection in this way. */
async function connect(handle: (socket: Socket) => void, ...args: readonly string[]): Promise<Ended> {
  const url = await listening(createServer(handle));
  const ended = await asphalt(empty, ['health', url, ...args]);
  return { ...ended, stderr: ended.stderr.replaceAll(url, 'http://<server>') };
}

function responding(status: number, body: unknown): RequestListener {
  return (_request, response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

const mixed: HealthReport = {
  status: 'degraded',
  checks: [
    { component: 'worker', status: 'down', tookMs: 0, reason: 'the component is stopped' },
    { component: '', member: 'ping', status: 'up', tookMs: 3 },
    { component: 'cache/far', member: 'connected', status: 'degraded', tookMs: 2000, reason: 'Error: \u001b[31maway' },
  ],
};

describe('asphalt health URL', () => {
  test('it prints the status and the checks of a report', async () => {
    const { code, stdout, stderr } = await query(responding(200, mixed));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "degraded (HTTP 200 OK)
        down      worker                           the component is stopped
        up        (root)     ping()       3 ms
        degraded  cache/far  connected()  2000 ms  Error: \\x1b[31maway
      "
    `);
  });

  test('members and reasons of any form are printed in one line without control characters', async () => {
    const checks = [
      { component: 'a', member: '\u001b[2J\nping', status: 'up', tookMs: 1, reason: { toString: 5 } },
      { component: 'b\tc', member: { toString: 5 }, status: 'down', tookMs: 1, reason: 'two\nlines' },
    ];
    expect((await query(responding(200, { status: 'up', checks }))).stdout).toMatchInlineSnapshot(`
      "up (HTTP 200 OK)
        up    a    \\x1b[2J ping()    1 ms  {"toString":5}
        down  b c  {"toString":5}()  1 ms  two lines
      "
    `);
  });

  test('a response without a report is judged by its status', async () => {
    expect(await query(responding(204, ''))).toMatchObject({ code: 0, stdout: 'up (HTTP 204 No Content)\n' });
    expect(await query(responding(404, 'nothing'))).toMatchObject({ code: 1, stdout: 'down (HTTP 404 Not Found)\n' });
    expect(await query(responding(200, { status: 'up', checks: [null] }))).toMatchObject({ code: 0 });
  });

  test('a report may have no checks', async () => {
    expect(await query(responding(200, { status: 'degraded' }))).toMatchObject({ stdout: 'degraded (HTTP 200 OK)\n' });
  });

  test('a unix socket is queried, by default at /readyz', async () => {
    const path = join(tempFolder(), 'shop.sock');
    const server = createHttpServer(({ url }, response) => response.writeHead(url === '/readyz' ? 200 : 503).end());
    server.listen(path);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    expect(await asphalt(empty, ['health', `unix:${path}`])).toMatchObject({ stdout: 'up (HTTP 200 OK)\n' });
    expect(await asphalt(empty, ['health', `unix:${path}:/healthz`])).toMatchObject({ code: 1 });
    const { stderr } = await asphalt(empty, ['health', `unix:${path}.old:/healthz`]);
    expect(stderr).toContain(`Cannot query unix:${path}.old:/healthz: the socket does not exist`);
  });

  test('a report that is down, or a status that is no success, ends with 1', async () => {
    expect(await query(responding(200, { status: 'down', checks: [] }))).toMatchObject({ code: 1 });
    expect(await query(responding(503, { status: 'up', checks: [] }))).toMatchObject({ code: 1 });
  });

  test('--format json prints the same as data', async () => {
    const { code, stdout } = await query(responding(503, { ...mixed, status: 'down' }), '--format', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ status: 'down', http: '503 Service Unavailable', checks: mixed.checks });
  });

  test('a refused connection is explained, without the parameters of the URL', async () => {
    const server = createServer();
    const url = await listening(server);
    server.close();
    const { code, stdout, stderr } = await asphalt(empty, ['health', `${url}/readyz?token=hidden`]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.replaceAll(url, 'http://<server>')).toMatchInlineSnapshot(`
      "Cannot query http://<server>/readyz: no server listens there
        help         check the scheme, the host and the port of the URL, and that the application runs
        code         ERR_HEALTH_QUERY
      "
    `);
  });

  test('a server that does not speak HTTP is explained', async () => {
    const { code, stderr } = await connect((socket) => socket.on('error', () => undefined).end('220 ready\r\n'));
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "Cannot query http://<server>/: the server does not speak HTTP
        help         check the scheme and the port of the URL
        code         ERR_HEALTH_QUERY
      "
    `);
  });

  test('a server that closes the connection is explained', async () => {
    const { code, stderr } = await connect((socket) => socket.destroy());
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot query http://<server>/: the server closed the connection');
  });

  test('a server that does not respond in time is explained', async () => {
    const { code, stderr } = await connect(() => undefined, '--timeout', '50ms');
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "Cannot query http://<server>/: no response within 0.05 s
        help         raise --timeout if the server is only slow
        code         ERR_HEALTH_QUERY
      "
    `);
  });

  test('a target that is no URL, none and several are usage errors', async () => {
    for (const targets of [[], ['asphalt.yaml'], ['http://a', 'http://b'], ['http://']]) {
      const { code, stderr } = await asphalt(empty, ['health', ...targets]);
      expect({ code, targets }).toEqual({ code: 2, targets });
      expect(stderr).toContain('Expected the URL of one health endpoint; with --list, configuration files');
    }
  });
});

describe('asphalt health --list', () => {
  const files = {
    'app.ts': `
import { component, Component, defineConfig, fromConfig, health } from '@asphalt/core';
const options = defineConfig({ required: { doc: 'Whether it is needed', format: 'boolean', default: true } });
@component({ config: options }) export class Cache extends Component<typeof options> {
  @health({ critical: fromConfig('required'), timeout: 500 }) ping(): void { console.log('this must not run'); }
}
@component({ components: { cache: Cache } }) export class App extends Component {
  @health({ for: 'live' }) loop(): void {}
}
@component() export class Bare extends Component {}
`,
    'asphalt.yaml': 'component: { type: ./app.ts:App, components: { cache: { required: false } } }\n',
    'bare.yaml': 'component: { type: ./app.ts:Bare }\n',
  };

  test('it lists the checks of an application, and the drawing of the graph contains them', async () => {
    const folder = appWith(files);
    const { code, stdout, stderr } = await asphalt(folder, ['health', '--list', 'asphalt.yaml']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "component  check   for    critical  limit
      (root)     loop()  live   yes       2 s
      cache      ping()  ready  no        0.5 s
      "
    `);
    expect((await asphalt(folder, ['graph', 'asphalt.yaml'])).stdout).toMatchInlineSnapshot(`
      "App
      │    health   loop()
      └─ cache (Cache)
              health   ping()
      "
    `);
  });

  test('--format json prints the same as data', async () => {
    const { stdout } = await asphalt(appWith(files), ['health', '--list', 'asphalt.yaml', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject([
      { component: '', member: 'loop', for: 'live', critical: true, timeoutMs: 2000, place: { line: 8 } },
      { component: 'cache', member: 'ping', for: 'ready', critical: false, timeoutMs: 500 },
    ]);
  });

  test('an application without checks is stated', async () => {
    const { code, stdout } = await asphalt(appWith(files), ['health', '--list', 'bare.yaml']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'No component has a health check\n' });
  });

  test('without a configuration it is a usage error', async () => {
    const { code, stderr } = await asphalt(empty, ['health', '--list']);
    expect(code).toBe(2);
    expect(stderr).toContain('Nothing to list: name a configuration file');
  });
});
