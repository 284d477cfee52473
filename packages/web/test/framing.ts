/** Responses whose framing the handler, an upstream or hono chooses; run with each kind of global `Response`. */
import { once } from 'node:events';
import { createServer, get as httpGet, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { jsx } from 'hono/jsx';
import { jsxRenderer } from 'hono/jsx-renderer';
import { streamSSE, streamText } from 'hono/streaming';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import type { WebApp } from '../src/web-app.ts';
import { raw } from './raw-request.ts';
import { serve } from './serve.ts';

export function testFraming(): void {
  const upstream = createServer((_, outgoing) => {
    outgoing.write('hello ');
    outgoing.end('from afar');
  });
  let upstreamUrl: string;

  beforeAll(async () => {
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  });
  afterAll(() => void upstream.close());

  const chunked = { 'transfer-encoding': 'chunked' };
  const responses: Readonly<Record<string, (app: WebApp) => unknown>> = {
    'streamText()': (app) => app.get('/', (c) => streamText(c, async (out) => void (await out.write('hello')))),
    'streamSSE()': (app) => app.get('/', (c) => streamSSE(c, (out) => out.writeSSE({ data: 'hello' }))),
    'jsxRenderer({ stream: true })': (app) => {
      app.use(jsxRenderer(({ children }) => jsx('html', {}, children), { stream: true }));
      app.get('/', (c) => c.render(jsx('p', {}, 'hello') as never));
    },
    'a proxied fetch': (app) => app.get('/', () => fetch(upstreamUrl)),
    'text with a header of its own': (app) => app.get('/', (c) => c.text('hello', 200, chunked)),
    'text after c.header()': (app) =>
      app.get('/', (c) => {
        c.header('transfer-encoding', 'chunked');
        return c.text('hello');
      }),
    'no body': (app) => app.get('/', (c) => c.body(null, 204, chunked)),
  };

  describe.each(Object.entries(responses))('the response of %s under Transfer-Encoding', (_, add) => {
    describe.each([false, true])('with a context: %s', (hasContext) => {
      const addAll = (app: WebApp): void => {
        if (hasContext) {
          app.use((c, next) => {
            requestContext(c);
            return next();
          });
        }
        add(app);
      };

      test('has one length over HTTP/1.1, and no transfer encoding over HTTP/1.0', async () => {
        const { url } = await serve(addAll);
        const modern = await raw(url, 'GET / HTTP/1.1\r\nHost: localhost');
        expect(modern.head.match(/^(content-length|transfer-encoding):/gm) ?? []).toHaveLength(
          modern.status === 204 ? 0 : 1,
        );
        const old = await raw(url, 'GET / HTTP/1.0\r\nHost: localhost');
        expect(old.head).not.toContain('transfer-encoding');
        expect(old.body).toContain(old.status === 200 ? 'hello' : '');
      });

      test("is readable by Node's http client and by fetch", async () => {
        const { url } = await serve(addAll);
        const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
          httpGet(url, { agent: false }, resolve).on('error', reject);
        });
        const text = (await buffer(incoming)).toString();
        expect(text).toContain(incoming.statusCode === 200 ? 'hello' : '');
        expect(await (await fetch(url)).text()).toBe(text);
      });
    });
  });
}
