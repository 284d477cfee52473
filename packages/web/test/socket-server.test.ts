/** WebSockets with the other features of the server: access log, request ids, TLS, proxies, health and draining. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectTls } from 'node:tls';
import { join } from 'node:path';
import { Component, component, inject, startApplication, type Application } from '@asphalt/core';
import { tempFolder } from '@asphalt/test-support';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { requestLogger } from '../src/request/request-logger.ts';
import { webSocket } from '../src/sockets/web-socket.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { first } from './certificates.ts';
import { dataLogger, type DataLine } from './recorded-lines.ts';
import { connect, refusal } from './socket-client.ts';

@component({ components: { web: WebComponent } })
class Chat extends Component {
  @inject(WebApp) readonly web!: WebApp;

  override start(): void {
    this.web.get(
      '/chat/:room',
      webSocket((c) => {
        if (c.req.param('room') === 'closed') return c.text('no', 403);
        return {
          open: (socket) => socket.send(c.req.url),
          message: (data) => requestLogger(c).info('received', { data }),
        };
      }),
    );
    this.web.post('/', async (c) => c.text(`${c.req.url} ${await c.req.text()}`));
  }
}

async function start(web: object = {}): Promise<{ app: Application; url: string; lines: DataLine[] }> {
  const { logger, lines } = dataLogger();
  const app = await startApplication(Chat, { logger, config: { components: { web: { port: 0, ...web } } } });
  onTestFinished(() => app.stop());
  return { app, url: app.context.getResourceSync(WebApp).url!, lines };
}

/** Returns the lines of the access log once it has a number of lines. */
function access(lines: readonly DataLine[], count: number): Promise<ReadonlyArray<DataLine['data']>> {
  return vi.waitFor(() => {
    const found = lines.filter(({ data }) => 'ms' in data).map(({ data }) => data);
    expect(found).toHaveLength(count);
    return found;
  });
}

test('the access log has a line when a connection has closed, and one for each refused handshake', async () => {
  const { url, lines } = await start({ accessLog: true });
  const client = await connect(`${url}/chat/lobby?token=secret`);
  await client.next();
  client.socket.ping();
  await once(client.socket, 'pong');
  expect(lines.filter(({ data }) => 'ms' in data)).toEqual([]);
  client.socket.close();
  await access(lines, 1);
  const lost = await connect(`${url}/chat/lobby`);
  await lost.next();
  lost.socket.terminate();
  await access(lines, 2);
  await refusal(`${url}/chat/closed`);
  const [closed, gone, refused] = await access(lines, 3);
  expect(closed).toMatchObject({ method: 'GET', path: '/chat/lobby', route: '/chat/:room', status: 101 });
  expect(closed!['bytes']).toBeGreaterThan(100);
  expect([closed!['aborted'], gone]).toMatchObject([undefined, { status: 101, aborted: true }]);
  expect(refused).toMatchObject({ path: '/chat/closed', status: 403, bytes: 2 });
});

test('the response to a handshake has the id of the request, and so have lines of the handlers', async () => {
  const { url, lines } = await start();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/chat/lobby`);
  onTestFinished(() => socket.terminate());
  const [[{ headers }]] = await Promise.all([
    once(socket, 'upgrade') as Promise<[IncomingMessage]>,
    once(socket, 'open'),
  ]);
  socket.send('hello');
  const line = await vi.waitFor(() => {
    const found = lines.find(({ message }) => message === 'received');
    expect(found).toBeDefined();
    return found!;
  });
  expect(line.data).toMatchObject({ data: 'hello', request: headers['x-request-id'] });
  expect(headers['x-request-id']).toMatch(/^\S{8,}$/);
});

test('sockets are served over TLS, and so are requests for other protocols', async () => {
  const folder = tempFolder({ 'tls.crt': first.cert, 'tls.key': first.key });
  const tls = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const { app, url } = await start({ tls });
  const client = await connect(`${url}/chat/lobby`, [], { rejectUnauthorized: false } as object);
  expect(await client.next()).toBe(`${url}/chat/lobby`);
  const plain = connectTls({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false });
  onTestFinished(() => void plain.destroy());
  await once(plain, 'secureConnect');
  plain.write(
    'POST / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nha',
  );
  plain.write('lf');
  expect((await plain.setEncoding('latin1').toArray()).join('')).toContain('https://localhost/ half');
  await app.stop();
  expect(await client.closed).toEqual([1001, '']);
});

test('the origin of a page is compared with the host that a trusted proxy reports', async () => {
  const { url } = await start({ trustProxy: ['loopback'], hosts: ['example.org'] });
  const headers = { host: 'example.org', 'x-forwarded-host': 'example.org', 'x-forwarded-proto': 'https' };
  const client = await connect(`${url}/chat/lobby`, [], { headers, origin: 'https://example.org' });
  expect(await client.next()).toBe('https://example.org/chat/lobby');
  // A page without TLS can be forged on its way.
  for (const origin of ['https://other.example', 'http://example.org']) {
    expect(await refusal(`${url}/chat/lobby`, [], { headers, origin })).toMatchObject({ status: 403 });
  }
});

test('connections stay open during the drain delay, and new ones are still accepted', async () => {
  const { app, url } = await start({ drainDelay: '300ms' });
  const before = await connect(`${url}/chat/lobby`);
  const stopped = app.stop();
  const during = await connect(`${url}/chat/lobby`);
  expect(before.socket.readyState).toBe(before.socket.OPEN);
  expect([await before.closed, await during.closed]).toEqual([
    [1001, ''],
    [1001, ''],
  ]);
  await stopped;
});

test('a connection counts for the limit of connections until it has closed', async () => {
  const { url } = await start({ maxConnections: 2 });
  const [one] = [await connect(`${url}/chat/lobby`), await connect(`${url}/chat/lobby`)];
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  one.socket.close();
  await one.closed;
  await vi.waitFor(async () => expect((await fetch(url)).status).toBe(404));
});
