import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchPage, type FetchOptions } from '../src/fetch-page.ts';
import { PageClient } from '../src/page-client.ts';
import { PageError } from '../src/page-error.ts';
import { readBody } from '../src/text-functions.ts';
import { failure, html, text, WebSite } from './web-site.ts';

const work = { read: async (body: Uint8Array, contentType: string) => readBody(body, contentType) };

let site: WebSite;
let client: PageClient;
beforeEach(async () => {
  site = await WebSite.open();
  client = new PageClient({ allowPrivate: true });
});
afterEach(async () => {
  client.close();
  await site.close();
});

const read = (options: Partial<FetchOptions> = {}) =>
  fetchPage(site.url, { client, work, timeoutMs: 5_000, maxBytes: 1_000, ...options });
const failed = async (options: Partial<FetchOptions> = {}): Promise<PageError> => {
  const error: unknown = await read(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PageError);
  return error as PageError;
};

describe('a page that can be read', () => {
  test('is reduced to its text', async () => {
    site.respond = html('<h1>Hello</h1><p>wörld');
    expect(await read()).toMatchObject({ text: 'Hello\nwörld', lastModified: undefined });
  });

  test('may take 30 days', async () => {
    site.respond = html('<h1>Hello</h1>');
    expect(await read({ timeoutMs: 30 * 86_400_000 })).toMatchObject({ text: 'Hello' });
  });

  test('is requested with a user agent and the accepted types', async () => {
    await read();
    expect(site.requests[0]!.headers['user-agent']).toMatch(/^pagewatch\//);
    expect(site.requests[0]!.headers.accept).toMatch(/^text\/html/);
  });

  test('is not sent again if it has not changed', async () => {
    site.respond = text('same', { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' });
    const known = await read();
    expect(await read({ known })).toBeUndefined();
    expect(site.requests[1]!.headers).toMatchObject({
      'if-none-match': known!.etag,
      'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT',
    });
  });

  test('can be at the target of a redirect', async () => {
    site.respond = (request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/there' }).end();
      else text('found')(request, response);
    };
    expect(await read()).toMatchObject({ text: 'found' });
  });

  test('can have exactly the maximum size', async () => {
    site.respond = text('x'.repeat(1_000));
    expect((await read())!.text).toHaveLength(1_000);
  });
});

describe('a page that cannot be read', () => {
  test('is reported with the status and the requested pause', async () => {
    site.respond = failure(503, { 'retry-after': '7' });
    const error = await failed();
    expect(error).toMatchObject({
      reason: 'responded with 503 Service Unavailable',
      retryAfterMs: 7_000,
      url: site.url,
    });
    expect(error.message.replace(site.url, 'http://site/')).toMatchInlineSnapshot(`
      "The page could not be read: it responded with 503 Service Unavailable
        url          http://site/
        code         ERR_PAGE_UNREADABLE"
    `);
  });

  test('is reported if the server responds with 304 without a known version', async () => {
    site.respond = failure(304);
    expect((await failed()).reason).toBe('responded with 304 Not Modified');
  });

  test('is reported if it is too large after decompression', async () => {
    site.respond = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(10_000_000)));
    };
    expect((await failed()).reason).toBe('is larger than 1,000 bytes');
  });

  test('is reported if it is endless', async () => {
    const left = new Promise<void>((resolve) => {
      site.respond = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        const more = (): boolean => response.write('x'.repeat(500), () => response.writable && setImmediate(more));
        more();
        response.on('close', resolve);
      };
    });
    expect((await failed()).reason).toBe('is larger than 1,000 bytes');
    await left;
  });

  test('is reported if it is not text', async () => {
    site.respond = text('%PNG', { 'content-type': 'image/png' });
    expect((await failed()).reason).toBe('is not text but image/png');
  });

  test('is reported if the server does not respond in time or stops within the body', async () => {
    site.respond = () => {};
    expect((await failed({ timeoutMs: 50 })).reason).toBe('sent no complete response within 0.05 s');
    site.respond = (_request, response) => void response.writeHead(200).write('half');
    expect((await failed({ timeoutMs: 50 })).reason).toBe('sent no complete response within 0.05 s');
  });

  test('is reported if the server cannot be reached', async () => {
    await site.close();
    expect((await failed()).reason).toMatch(/^could not be reached \(.*ECONNREFUSED/);
  });

  test('is reported if it redirects endlessly', async () => {
    site.respond = (_request, response) => void response.writeHead(302, { location: '/' }).end();
    expect((await failed()).reason).toBe('redirects more than 10 times');
  });

  test('is reported if its text cannot be extracted', async () => {
    const broken = { read: () => Promise.reject(new Error('no thread\nat all')) };
    expect((await failed({ work: broken })).reason).toBe('could not be converted to text (no thread)');
  });

  test.each([
    ['zstd', 'has the unsupported encoding "zstd"'],
    ['gzip', 'could not be reached (incorrect header check)'],
  ])('is reported if its body cannot be decoded from %s', async (encoding, reason) => {
    site.respond = text('plain', { 'content-encoding': encoding });
    expect((await failed()).reason).toBe(reason);
  });

  test('is reported if its connection ends within the body', async () => {
    site.respond = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' });
      response.write('half', () => response.destroy());
    };
    expect((await failed()).reason).toMatch(/^could not be reached \(/);
  });

  test('is not reported if the caller aborts the request', async () => {
    const abort = new AbortController();
    const reason = new Error('stop');
    site.respond = () => abort.abort(reason);
    await expect(read({ abort: abort.signal })).rejects.toBe(reason);
    await expect(read({ abort: abort.signal })).rejects.toBe(reason);
    expect(site.requests).toHaveLength(1);
  });
});
