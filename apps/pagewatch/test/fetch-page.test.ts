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
    site.answer = html('<h1>Hello</h1><p>wörld');
    expect(await read()).toMatchObject({ text: 'Hello\nwörld', lastModified: undefined });
  });

  test('is asked for by somebody who says who it is and what it reads', async () => {
    await read();
    expect(site.requests[0]!.headers['user-agent']).toMatch(/^pagewatch\//);
    expect(site.requests[0]!.headers.accept).toMatch(/^text\/html/);
  });

  test('is not sent again when it did not change', async () => {
    site.answer = text('same', { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' });
    const known = await read();
    expect(await read({ known })).toBeUndefined();
    expect(site.requests[1]!.headers).toMatchObject({
      'if-none-match': known!.etag,
      'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT',
    });
  });

  test('may be somewhere else', async () => {
    site.answer = (request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/there' }).end();
      else text('found')(request, response);
    };
    expect(await read()).toMatchObject({ text: 'found' });
  });

  test('may have exactly the largest size', async () => {
    site.answer = text('x'.repeat(1_000));
    expect((await read())!.text).toHaveLength(1_000);
  });
});

describe('a page that cannot be read', () => {
  test('tells the status and the pause that the server asks for', async () => {
    site.answer = failure(503, { 'retry-after': '7' });
    const error = await failed();
    expect(error).toMatchObject({ reason: 'answered 503 Service Unavailable', retryAfterMs: 7_000, url: site.url });
    expect(error.message.replace(site.url, 'http://site/')).toMatchInlineSnapshot(`
      "The page could not be read: it answered 503 Service Unavailable
        url          http://site/
        code         ERR_PAGE_UNREADABLE"
    `);
  });

  test('is an answer of 304 to somebody who knows no version', async () => {
    site.answer = failure(304);
    expect((await failed()).reason).toBe('answered 304 Not Modified');
  });

  test('is larger than allowed, also after decompression: the rest is not read', async () => {
    site.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(10_000_000)));
    };
    expect((await failed()).reason).toBe('is larger than 1,000 bytes');
  });

  test('is an endless one', async () => {
    const left = new Promise<void>((resolve) => {
      site.answer = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        const more = (): boolean => response.write('x'.repeat(500), () => response.writable && setImmediate(more));
        more();
        response.on('close', resolve);
      };
    });
    expect((await failed()).reason).toBe('is larger than 1,000 bytes');
    await left;
  });

  test('is one that is no text', async () => {
    site.answer = text('%PNG', { 'content-type': 'image/png' });
    expect((await failed()).reason).toBe('is no text but image/png');
  });

  test('is one whose server does not answer in time, or stops half-way', async () => {
    site.answer = () => {};
    expect((await failed({ timeoutMs: 50 })).reason).toBe('gave no complete answer within 0.05 s');
    site.answer = (_request, response) => void response.writeHead(200).write('half');
    expect((await failed({ timeoutMs: 50 })).reason).toBe('gave no complete answer within 0.05 s');
  });

  test('is one whose server is not there', async () => {
    await site.close();
    expect((await failed()).reason).toMatch(/^could not be reached \(.*ECONNREFUSED/);
  });

  test('is one that leads in circles', async () => {
    site.answer = (_request, response) => void response.writeHead(302, { location: '/' }).end();
    expect((await failed()).reason).toBe('redirects more than 10 times');
  });

  test('is one whose text cannot be extracted', async () => {
    const broken = { read: () => Promise.reject(new Error('no thread\nat all')) };
    expect((await failed({ work: broken })).reason).toBe('could not be converted to text (no thread)');
  });

  test.each([
    ['zstd', 'is encoded as "zstd"'],
    ['gzip', 'could not be reached (incorrect header check)'],
  ])('is one whose body cannot be decoded from %s', async (encoding, reason) => {
    site.answer = text('plain', { 'content-encoding': encoding });
    expect((await failed()).reason).toBe(reason);
  });

  test('is one whose connection ends within the body', async () => {
    site.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' });
      response.write('half', () => response.destroy());
    };
    expect((await failed()).reason).toMatch(/^could not be reached \(/);
  });

  test('is none when the caller ends the wait', async () => {
    const abort = new AbortController();
    const reason = new Error('stop');
    site.answer = () => abort.abort(reason);
    await expect(read({ abort: abort.signal })).rejects.toBe(reason);
    await expect(read({ abort: abort.signal })).rejects.toBe(reason);
    expect(site.requests).toHaveLength(1);
  });
});
