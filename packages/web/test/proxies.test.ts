import { Component, component, inject, startApplication } from '@asphalt/core';
import { parse } from 'forwarded-parse';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientAddress, networksOf, Proxies } from '../src/request/proxies.ts';
import { raw } from './raw-request.ts';
import { dataLogger } from './recorded-lines.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { serve } from './serve.ts';

@component({ components: { web: WebComponent } })
class Shop extends Component {
  @inject(WebApp) readonly web!: WebApp;

  override start(): void {
    this.web.get('/', (c) => c.text('hello'));
  }
}

type Seen = readonly [address: string | undefined, url: string];

/** Sends a request with these header lines to a server that trusts these proxies. */
async function seen(trusted: readonly string[], lines: readonly string[], parser?: typeof parse): Promise<Seen> {
  const { url } = await serve((app) => app.get('/page', (c) => c.json([clientAddress(c), c.req.url])), undefined, {
    proxies: new Proxies(trusted, parser),
    hosts: ['shop.example', 'other.example'],
  });
  const { body } = await raw(url, ['GET /page?q HTTP/1.1', 'Host: shop.example', ...lines].join('\r\n'));
  return JSON.parse(body) as Seen;
}

const ownUrl = 'http://shop.example/page?q';

describe('the client of a request', () => {
  test('is the sender if no proxy is trusted, whatever it reports', async () => {
    const { url } = await serve((app) => app.get('/', (c) => c.json([clientAddress(c), c.req.url])));
    const lines = ['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https', 'Forwarded: for=1.2.3.4'];
    const { body } = await raw(url, ['GET / HTTP/1.1', 'Host: localhost', ...lines].join('\r\n'));
    expect(JSON.parse(body)).toEqual(['127.0.0.1', 'http://localhost/']);
  });

  test('is the sender if it is none of the trusted proxies', async () => {
    expect(await seen(['10.0.0.0/8'], ['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https'])).toEqual([
      '127.0.0.1',
      ownUrl,
    ]);
  });

  test('is the last address that no trusted proxy has', async () => {
    const lines = ['X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.7'];
    expect(await seen(['loopback', '10.0.0.0/8'], lines)).toEqual(['1.2.3.4', ownUrl]);
    expect(await seen(['loopback'], lines)).toEqual(['10.0.0.7', ownUrl]);
    expect(await seen(['loopback', '0.0.0.0/0'], lines)).toEqual(['6.6.6.6', ownUrl]);
  });

  test('is the proxy if the proxy hides it', async () => {
    for (const hidden of ['', 'unknown', '_hidden', '1.2.3.4.5', '6.6.6.6, unknown'])
      expect(await seen(['loopback'], [`X-Forwarded-For: ${hidden}`])).toEqual(['127.0.0.1', ownUrl]);
  });

  test.each([
    ['1.2.3.4:5678', '1.2.3.4'],
    ['[2001:db8::1]:5678', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
  ])('is an address without a port: %s', async (text, address) => {
    expect((await seen(['loopback'], [`X-Forwarded-For: ${text}`]))[0]).toBe(address);
  });

  test('within the process has no address', async () => {
    const { app } = await serve((web) => web.get('/', (c) => c.json([clientAddress(c) ?? null])));
    expect(await (await app.request('/')).json()).toEqual([null]);
  });
});

describe('the URL of a request', () => {
  test('has the scheme and the host that the client used', async () => {
    const lines = ['X-Forwarded-Proto: https', 'X-Forwarded-Host: other.example'];
    expect(await seen(['loopback'], lines)).toEqual(['127.0.0.1', 'https://other.example/page?q']);
    expect((await seen(['loopback'], [lines[0]!]))[1]).toBe('https://shop.example/page?q');
    expect((await seen(['loopback'], [lines[1]!]))[1]).toBe('http://other.example/page?q');
  });

  test('is that of the first trusted proxy if each one adds an entry', async () => {
    const lines = ['X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.7', 'X-Forwarded-Proto: ftp, https, http'];
    expect((await seen(['loopback', '10.0.0.0/8'], lines))[1]).toBe('https://shop.example/page?q');
  });

  test('keeps its scheme if a proxy reports another text', async () => {
    expect((await seen(['loopback'], ['X-Forwarded-Proto: javascript']))[1]).toBe(ownUrl);
  });

  test.each(['evil.example', 'shop.example/x', 'a b', 'user@shop.example'])(
    'with the host %j is refused',
    async (host) => {
      const { url } = await serve(() => {}, undefined, { proxies: new Proxies(['loopback']), hosts: ['shop.example'] });
      const head = `GET / HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-Host: ${host}`;
      expect((await raw(url, head)).status).toBe(421);
    },
  );

  test('never has a host that is none, even if all hosts are accepted', async () => {
    const { url } = await serve((app) => app.all('*', (c) => c.text(c.req.url)), undefined, {
      proxies: new Proxies(['loopback']),
    });
    for (const lines of [
      'Host: localhost\r\nX-Forwarded-Host: localhost/admin?',
      'Host: localhost/admin?\r\nX-Forwarded-Proto: https',
    ])
      expect((await raw(url, `GET / HTTP/1.1\r\n${lines}`)).status).toBe(421);
  });
});

test('the access log and the id of a request follow trusted proxies only', async () => {
  for (const trustProxy of [['loopback'], ['10.0.0.0/8'], []]) {
    const { logger, lines } = dataLogger();
    const config = { components: { web: { port: 0, accessLog: true, trustProxy } } };
    const application = await startApplication(Shop, { logger, config });
    onTestFinished(() => application.stop());
    const { url } = await application.context.getResource(WebApp);
    const reply = await fetch(`${url}/`, { headers: { 'x-forwarded-for': '1.2.3.4', 'x-request-id': 'chosen' } });
    await reply.text();
    await application.stop();
    const isTrusted = trustProxy[0] === 'loopback';
    expect(reply.headers.get('x-request-id') === 'chosen').toBe(isTrusted);
    const line = lines.find(({ message }) => message.startsWith('GET / '));
    expect(line?.data).toMatchObject({ client: isTrusted ? '1.2.3.4' : '127.0.0.1' });
  }
});

describe('the field Forwarded', () => {
  test('is read instead of the others', async () => {
    const lines = [
      'Forwarded: for=6.6.6.6;proto=ftp, For="[2001:db8::1]:4711";Proto=https;Host=other.example, for=10.0.0.7',
      'X-Forwarded-For: 9.9.9.9',
    ];
    expect(await seen(['loopback', '10.0.0.0/8'], lines, parse)).toEqual([
      '2001:db8::1',
      'https://other.example/page?q',
    ]);
  });

  test('is ignored where the others are read, and if it is malformed', async () => {
    expect((await seen(['loopback'], ['Forwarded: for=1.2.3.4']))[0]).toBe('127.0.0.1');
    for (const field of ['for=', 'for', '=', ';;;', 'for="1.2.3.4', '\u00e9'])
      expect((await seen(['loopback'], [`Forwarded: ${field}`], parse))[0]).toBe('127.0.0.1');
  });
});

test('networks of trusted proxies are addresses, ranges and loopback', () => {
  expect(networksOf('10.0.0.0/8')).toEqual([{ address: '10.0.0.0', prefix: 8, family: 'ipv4' }]);
  expect(networksOf('2001:db8::/32')).toEqual([{ address: '2001:db8::', prefix: 32, family: 'ipv6' }]);
  expect(networksOf('::1')).toEqual([{ address: '::1', prefix: 128, family: 'ipv6' }]);
  expect(networksOf('loopback')).toHaveLength(2);
  for (const text of ['', 'example.org', '10.0.0.0/33', '10.0.0/8', '::/129', '10.0.0.0/', '*'])
    expect(networksOf(text)).toBeUndefined();
});
