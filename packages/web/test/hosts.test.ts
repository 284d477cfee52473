import { describe, expect, test } from 'vitest';
import { hostCheck, hostnameOf } from '../src/server/hosts.ts';
import { raw } from './raw-request.ts';
import { serve } from './serve.ts';

async function serveHosts(hosts?: readonly string[]): Promise<{ url: string; refused: string[] }> {
  const refused: string[] = [];
  const options = { hosts, onRefusedHost: (host: string) => void refused.push(host) };
  const { url } = await serve((app) => app.all('*', (c) => c.text('served')), undefined, options);
  return { url, refused };
}

describe('a server on a loopback address', () => {
  test.each([
    'localhost',
    'LOCALHOST',
    'localhost:1234',
    'localhost.',
    '127.0.0.1',
    '127.0.0.1:99',
    '127.8.8.8',
    '127.1',
    '[::1]',
    '[::1]:8000',
  ])('responds to %s', async (host) => {
    const { url } = await serveHosts();
    expect((await raw(url, `GET / HTTP/1.1\r\nHost: ${host}`)).status).toBe(200);
  });

  test.each([
    'example.org',
    'localhost.example.org',
    'localhost@example.org',
    'example.org@localhost',
    'example.org/localhost',
    '127.0.0.1.example.org',
    '10.0.0.1',
    '[::2]',
    '0.0.0.0',
    'localhost example.org',
    'xn--nxasmq6b',
  ])('refuses %s with a 421', async (host) => {
    const { url, refused } = await serveHosts();
    const response = await raw(url, `GET / HTTP/1.1\r\nHost: ${host}`);
    expect([response.status, response.body]).toEqual([421, 'Misdirected Request']);
    expect(refused).toEqual([host]);
  });

  test('refuses the host of an absolute target, whatever the header is', async () => {
    const { url } = await serveHosts();
    const absolute = (target: string, host: string): Promise<{ status: number }> =>
      raw(url, `GET http://${target}/ HTTP/1.1\r\nHost: ${host}`);
    expect((await absolute('localhost:1', 'localhost')).status).toBe(200);
    expect((await absolute('example.org', 'localhost')).status).toBe(421);
    expect((await absolute('localhost', 'example.org')).status).toBe(421);
  });

  test('responds to HTTP/1.0 without a host; HTTP/1.1 has to name one', async () => {
    const { url } = await serveHosts();
    expect((await raw(url, 'GET / HTTP/1.0')).status).toBe(200);
    expect((await raw(url, 'GET / HTTP/1.1')).status).toBe(400);
  });

  test('refuses a body without reading it', async () => {
    const { url } = await serveHosts();
    const body = 'x'.repeat(100_000);
    const response = await raw(url, `POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: ${body.length}`, body);
    expect(response.status).toBe(421);
  });
});

test('the option hosts names the only hosts, on any port', async () => {
  const { url } = await serveHosts(['Example.org', '[2001:DB8::1]', 'shop.example.org:8080']);
  const status = async (host: string): Promise<number> => (await raw(url, `GET / HTTP/1.1\r\nHost: ${host}`)).status;
  for (const host of ['example.org', 'example.org.:81', '[2001:db8::1]:5', 'shop.example.org'])
    expect(await status(host)).toBe(200);
  for (const host of ['localhost', 'www.example.org', '127.0.0.1']) expect(await status(host)).toBe(421);
});

test('an address is recognized however it is written', () => {
  const accepts = hostCheck(undefined, '::1', '::1');
  for (const host of ['[::ffff:127.0.0.1]:80', '[0:0:0:0:0:0:0:1]', '0x7f.1', '2130706433']) {
    expect(accepts(host)).toBe(true);
  }
  for (const host of ['[::ffff:10.0.0.1]', '[::]', '0x7e.1']) expect(accepts(host)).toBe(false);
});

test.each(['0.0.0.0', '::', '192.0.2.7'])('any host is accepted on %s', (address) => {
  expect(hostCheck(undefined, address, address)('example.org')).toBe(true);
});

test('a loopback address that was configured by a name also accepts this name', () => {
  const accepts = hostCheck(undefined, '127.0.0.1', 'dev.internal');
  expect([accepts('dev.internal:80'), accepts('example.org')]).toEqual([true, false]);
});

test.each(['', ' ', 'a b', 'user@host', 'host/path', 'host?q', 'host#f', 'a:b:c', '[::1', '\u0000'])(
  '%j is no host',
  (text) => {
    expect(hostnameOf(text)).toBeUndefined();
  },
);
