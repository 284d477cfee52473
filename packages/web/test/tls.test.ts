import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { join } from 'node:path';
import { Component, component, inject, startApplication, type Application } from '@asphalt/core';
import { Deferred, errorOf, recordingLogger, tempFolder, type LogLine } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { TlsError } from '../src/server/errors.ts';
import { TlsFiles } from '../src/server/tls-files.ts';
import { webSocket } from '../src/sockets/web-socket.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { authority, client, encryptedKey, first, passphrase, second, type Pair } from './certificates.ts';

@component({ components: { web: WebComponent } })
class Shop extends Component {
  @inject(WebApp) readonly web!: WebApp;

  override start(): void {
    this.web.get('/', (c) => c.text(c.req.url));
    this.web.get('/echo', webSocket({ message: (data, socket) => socket.send(data) }));
  }
}

interface Started {
  readonly application: Application;
  readonly url: string;
  readonly port: number;
  readonly lines: LogLine[];
}

async function start(tls: object, web: object = {}): Promise<Started> {
  const { logger, lines } = recordingLogger();
  const config = { components: { web: { port: 0, tls, ...web } } };
  const application = await startApplication(Shop, { logger, config });
  onTestFinished(() => application.stop());
  const url = String((await application.context.getResource(WebApp)).url);
  return { application, url, port: Number(new URL(url).port), lines };
}

function filesOf({ cert, key }: Pair): { readonly cert: string; readonly key: string } {
  const folder = tempFolder({ 'tls.crt': cert, 'tls.key': key });
  return { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
}

interface Reply {
  readonly status: number | undefined;
  readonly body: string;
  /** The common name of the server's certificate. */
  readonly name: unknown;
}

async function get(url: string, options: RequestOptions = {}): Promise<Reply> {
  const outgoing = request(url, { agent: false, rejectUnauthorized: false, ...options }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const { socket } = response as unknown as { socket: ReturnType<typeof connectTls> };
  const name = socket.getPeerCertificate().subject.CN;
  return { status: response.statusCode, body: (await response.toArray()).join(''), name };
}

test('serves with a certificate, under a URL with https', async () => {
  const { url } = await start(filesOf(first));
  expect(url).toMatch(/^https:/);
  expect(await get(`${url}/`)).toEqual({ status: 200, body: `${url}/`, name: 'first' });
  expect(await get(`${url}/`, { ca: first.cert, rejectUnauthorized: true })).toMatchObject({ status: 200 });
});

test('carries websockets', async () => {
  const { url } = await start(filesOf(first));
  const socket = new WebSocket(`${url.replace('https', 'wss')}/echo`, { rejectUnauthorized: false });
  await once(socket, 'open');
  socket.send('hello');
  expect(String((await once(socket, 'message'))[0])).toBe('hello');
  socket.close();
  await once(socket, 'close');
});

test('accepts an encrypted key with its passphrase', async () => {
  const files = filesOf({ cert: first.cert, key: encryptedKey });
  const { url } = await start({ ...files, passphrase });
  expect(await get(url)).toMatchObject({ name: 'first' });
});

test('with authorities of clients, only clients with a certificate are served', async () => {
  const files = filesOf(first);
  const ca = join(tempFolder({ 'ca.crt': authority }), 'ca.crt');
  const { url } = await start({ ...files, ca });
  await expect(get(url)).rejects.toThrow(/certificate required|ECONNRESET|socket hang up/);
  await expect(get(url, { ...second })).rejects.toThrow(/alert|ECONNRESET|socket hang up/);
  expect(await get(url, { ...client })).toMatchObject({ status: 200 });
});

describe('files that cannot be used end the start', () => {
  const missing = join('nowhere', 'tls.crt');
  test.each([
    ['a missing certificate', (): object => ({ ...filesOf(first), cert: missing }), 'cert` cannot be read'],
    ['a missing key', (): object => ({ ...filesOf(first), key: missing }), 'key` cannot be read'],
    ['a missing authority', (): object => ({ ...filesOf(first), ca: missing }), 'ca` cannot be read'],
    ['no certificate', (): object => filesOf({ ...first, cert: 'hello' }), 'cert` contains no certificate'],
    ['no key', (): object => filesOf({ ...first, key: first.cert }), 'key` contains no private key that can be read'],
    [
      'the key of another',
      (): object => filesOf({ ...first, key: second.key }),
      'key` does not belong to the certificate',
    ],
    ['no passphrase', (): object => filesOf({ ...first, key: encryptedKey }), 'key` contains no private key'],
    [
      'another passphrase',
      (): object => ({ ...filesOf({ ...first, key: encryptedKey }), passphrase: 'wrong-words' }),
      'key` contains no private key',
    ],
  ])('%s', async (_, tls, message) => {
    const failure = (await errorOf(start(tls()))) as Error;
    const error = failure.cause as TlsError;
    expect(error).toBeInstanceOf(TlsError);
    expect(error.message).toContain(`component.components.web.tls.${message}`);
    expect(error.message).not.toMatch(/wrong-words|PRIVATE KEY-----/);
  });
});

describe('a client that does not agree on TLS', () => {
  test('is disconnected after the limit of the head', async () => {
    const { port, url } = await start(filesOf(first), { headersTimeout: 50 });
    const silent = connect(port, '127.0.0.1');
    const slow = connect(port, '127.0.0.1');
    // The first bytes of a record.
    slow.write(Buffer.from([0x16, 0x03, 0x01]));
    await Promise.all([once(silent.resume(), 'close'), once(slow.resume(), 'close')]);
    expect(await get(url)).toMatchObject({ status: 200 });
  });

  test('but speaks plain HTTP is disconnected, and nothing is logged as an error', async () => {
    const { port, url, lines } = await start(filesOf(first));
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket.resume(), 'close');
    expect(await get(url)).toMatchObject({ status: 200 });
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('does not delay the stop', async () => {
    const { application, port, url } = await start(filesOf(first), { shutdownTimeout: 0 });
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    await get(url);
    await application.stop();
  });

  test('is disconnected with an old version of the protocol', async () => {
    const { port } = await start(filesOf(first));
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.1' });
    expect(await once(socket, 'error')).toHaveLength(1);
  });
});

test('an open connection does not delay the stop if it is idle', async () => {
  const { application, port } = await start(filesOf(first), { shutdownTimeout: 0 });
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.on('error', () => {}).resume();
  await application.stop();
});

describe('a certificate that is replaced', () => {
  /** Records the results of a watch that looks every 10 ms. */
  function watch(files: { readonly cert: string; readonly key: string }) {
    const results: unknown[] = [];
    let next = new Deferred<unknown>();
    const take = (result: unknown): void => {
      results.push(result);
      next.resolve(result);
      next = new Deferred();
    };
    const end = new TlsFiles(files, 'tls', 10).watch(take, take);
    onTestFinished(end);
    return { results, next: () => next.promise };
  }

  test(
    'is used by new connections, and an unusable one is reported once and changes nothing',
    { timeout: 20_000 },
    async () => {
      const files = filesOf(first);
      const { application, url, lines } = await start(files);
      const logged = (text: string): Promise<void> =>
        vi.waitFor(
          () => expect(lines.map(({ message }) => message)).toContainEqual(expect.stringContaining(text)),
          15_000,
        );
      await writeFile(files.cert, 'broken');
      await logged('Cannot use the new certificate');
      expect(await get(url)).toMatchObject({ status: 200, name: 'first' });
      await writeFile(files.cert, second.cert);
      await writeFile(files.key, second.key);
      await logged('Using a new certificate');
      expect(await get(url)).toMatchObject({ status: 200, name: 'second' });
      await application.stop();
      const texts = lines.filter(({ message }) => message.includes('certificate')).map(({ level }) => level);
      expect(texts).toEqual(['error', 'info']);
    },
  );

  test('is read once after both of its files have changed', async () => {
    const files = filesOf(first);
    const watched = watch(files);
    const loaded = watched.next();
    await writeFile(files.cert, second.cert);
    await writeFile(files.key, second.key);
    expect(await loaded).toMatchObject({ context: { cert: await readFile(files.cert) } });
    expect(watched.results).toHaveLength(1);
  });
});
