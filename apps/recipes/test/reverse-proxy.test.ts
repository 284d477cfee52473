import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { Deferred } from '@asphalt/test-support';
import { freePort } from '@asphalt/testing';
import { httpServer } from '@asphalt/testing/servers';
import { expect, test, type TestContext } from 'vitest';
import { ReverseProxyComponent } from '../src/reverse-proxy.ts';
import { serve, type Served } from './serve.ts';

/** Starts a proxy in front of a server with this listener. */
async function start(context: TestContext, listener: RequestListener, options = {}): Promise<Served> {
  const server = await httpServer(listener);
  context.onTestFinished(() => server.stop());
  return serve(context, { proxy: ReverseProxyComponent }, { proxy: { target: server.url, ...options } });
}

test('method, path, query and body reach the other server, and its response the client', async (context) => {
  const { send } = await start(context, (request, response) => {
    response.writeHead(201, { 'x-server': 'legacy' }).write(`${request.method} ${request.url} `);
    request.pipe(response);
  });
  const response = await send('/legacy/orders?page=2', { method: 'POST', body: 'a lamp' });
  expect([response.status, response.headers.get('x-server')]).toEqual([201, 'legacy']);
  expect(await response.text()).toBe('POST /orders?page=2 a lamp');
});

test('the other server sees the client, and no credentials for this one', async (context) => {
  const { send, url } = await start(context, (request, response) => response.end(JSON.stringify(request.headers)));
  const headers = { cookie: 'session=1', authorization: 'Bearer 1', 'accept-language': 'de' };
  const seen = (await (await send('/legacy/', { headers })).json()) as IncomingMessage['headers'];
  expect(seen).toMatchObject({
    'accept-language': 'de',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': new URL(url).host,
    'x-forwarded-proto': 'http',
  });
  expect(seen).not.toHaveProperty('cookie');
  expect(seen).not.toHaveProperty('authorization');
  expect(seen.host).not.toBe(new URL(url).host);
});

test('redirects are passed to the client', async (context) => {
  const { send } = await start(context, (_request, response) =>
    response.writeHead(302, { location: 'https://example.org/' }).end(),
  );
  const response = await send('/legacy/old', { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([302, 'https://example.org/']);
});

test('a response is streamed', async (context) => {
  let finish = (): void => undefined;
  const { send } = await start(context, (_request, response) => {
    response.write('first ');
    finish = () => response.end('last');
  });
  const reader = (await send('/legacy/')).body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe('first ');
  finish();
  expect((await reader.read()).value).toBe('last');
});

test('a client that leaves ends the request to the other server', async (context) => {
  const received = new Deferred<IncomingMessage>();
  const { send } = await start(context, (request) => received.resolve(request));
  const leaving = new AbortController();
  const response = send('/legacy/', { signal: leaving.signal });
  const request = await received.promise;
  const closed = once(request.socket, 'close');
  leaving.abort();
  await expect(response).rejects.toThrow('aborted');
  await closed;
});

test('a server that does not respond is a 502, or a 504 after the limit', async (context) => {
  const target = `http://127.0.0.1:${await freePort()}`;
  const absent = await serve(context, { proxy: ReverseProxyComponent }, { proxy: { target } });
  expect((await absent.send('/legacy/')).status).toBe(502);
  const silent = await start(context, () => undefined, { timeout: '50ms' });
  expect((await silent.send('/legacy/')).status).toBe(504);
});
