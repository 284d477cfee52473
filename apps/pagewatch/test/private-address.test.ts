import type { ConfigError, Plan } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pagewatch } from '../src/app.ts';
import { fetchPage } from '../src/fetch-page.ts';
import { PageClient, type PageClientSettings } from '../src/page-client.ts';
import { PageError, PrivateAddressError } from '../src/page-error.ts';
import { readBody } from '../src/text-functions.ts';
import { text, WebSite } from './web-site.ts';

const work = { read: async (body: Uint8Array, contentType: string) => readBody(body, contentType) };

// 127.0.0.2 represents a public address, 127.0.0.1 a private one.
const isAllowed = (address: string): boolean => address === '127.0.0.2';

let site: WebSite;
let inner: WebSite;
let client: PageClient;

beforeEach(async () => {
  inner = await WebSite.open();
  site = await WebSite.open('127.0.0.2');
  site.respond = text('public');
  inner.respond = text('secret');
});
afterEach(async () => {
  client.close();
  await site.close();
  await inner.close();
});

const portOf = (url: string): string => new URL(url).port;

async function failed(url: string, settings: PageClientSettings = { isAllowed }): Promise<PageError> {
  client = new PageClient(settings);
  const error: unknown = await fetchPage(url, { client, work, timeoutMs: 5_000, maxBytes: 1_000 }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PageError);
  expect(inner.requests).toEqual([]);
  return error as PageError;
}

const redirectTo = (location: string): void => {
  site.respond = (_request, response) => void response.writeHead(302, { location }).end();
};

describe('a redirect', () => {
  test.each([
    ['by address', 'http://127.0.0.1:PORT/'],
    ['by an IPv6 address that maps it', 'http://[::ffff:127.0.0.1]:PORT/'],
    ['by a decimal address', 'http://2130706433:PORT/'],
    ['by an octal address', 'http://0177.0.0.1:PORT/'],
    ['by a short hexadecimal address', 'http://0x7f.1:PORT/'],
    ['by the unspecified address', 'http://0.0.0.0:PORT/'],
    ['by name', 'http://localhost:PORT/'],
    ['without a protocol', '//127.0.0.1:PORT/'],
  ])('to a private address %s is not followed', async (_, location) => {
    redirectTo(location.replace('PORT', portOf(inner.url)));
    const error = await failed(site.url);
    expect(error).toBeInstanceOf(PrivateAddressError);
    expect(error.reason).toMatch(/^leads to .* which is not a public address$/);
    expect(error.url).toBe(site.url);
  });

  test('at the end of a chain of redirects is checked as well', async () => {
    site.respond = (request, response) => {
      const hop = Number(request.url!.slice(1)) || 0;
      response.writeHead(302, { location: hop < 3 ? `/${hop + 1}` : inner.url }).end();
    };
    expect(await failed(site.url)).toBeInstanceOf(PrivateAddressError);
    expect(site.requests).toHaveLength(4);
  });

  test.each([
    ['http://user:hunter2@127.0.0.2/', 'redirects to a URL with credentials'],
    ['file:///etc/passwd', 'redirects to a URL with the protocol "file:"'],
    ['http://[', 'redirects to a malformed URL'],
  ])('to %s is not followed', async (location, reason) => {
    redirectTo(location);
    const error = await failed(site.url);
    expect(error.reason).toBe(reason);
    expect(error.message).not.toContain('hunter2');
  });
});

describe('a name', () => {
  test('with a public and a private address is refused', async () => {
    const resolve: PageClientSettings['resolve'] = (_, done) =>
      done(null, [
        { address: '127.0.0.2', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const error = await failed(`http://news.test:${portOf(inner.url)}/`, { isAllowed, resolve });
    expect(error.reason).toBe('leads to news.test (127.0.0.1), which is not a public address');
  });

  test('whose address changes after the check is contacted at the checked address', async () => {
    let lookups = 0;
    const resolve: PageClientSettings['resolve'] = (_, done) => {
      lookups += 1;
      done(null, [{ address: lookups === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }]);
    };
    client = new PageClient({ isAllowed, resolve });
    const url = `http://rebinding.test:${portOf(site.url)}/`;
    const options = { client, work, timeoutMs: 5_000, maxBytes: 1_000 };
    expect(await fetchPage(url, options)).toMatchObject({ text: 'public' });
    expect(lookups).toBe(1);
    // The next connection resolves the name again and is refused.
    client.close();
    await expect(fetchPage(url, options)).rejects.toThrow(PrivateAddressError);
    expect(site.requests).toHaveLength(1);
  });
});

test('the default settings refuse the local site of these tests', async () => {
  expect(await failed(site.url, {})).toBeInstanceOf(PrivateAddressError);
  client.close();
  expect(await failed(`http://localhost:${portOf(inner.url)}/`, {})).toBeInstanceOf(PrivateAddressError);
});

test('a PrivateAddressError names the host, the address and the option', () => {
  expect(new PrivateAddressError('news.test', '10.0.0.1').of('http://news.test/').message).toMatchInlineSnapshot(`
    "The page could not be read: it leads to news.test (10.0.0.1), which is not a public address
      url          http://news.test/
      help         set \`allowPrivate: true\` for a page of your own network
      code         ERR_PAGE_PRIVATE"
  `);
});

describe('a configured URL', () => {
  beforeEach(() => {
    client = new PageClient();
  });

  const plan = (page: object): Promise<Plan> =>
    planApplication(Pagewatch, {
      config: {
        components: {
          web: { port: 0 },
          mailer: { backend: 'memory', from: 'a@x.org', to: 'b@x.org' },
          'page/news': page,
        },
      },
    });

  test.each([
    ['http://127.0.0.1/', 'must be on the public internet'],
    ['http://localhost:8001/', 'must be on the public internet'],
    ['http://[::1]/', 'must be on the public internet'],
    ['http://2130706433/', 'must be on the public internet'],
    ['https://user:hunter2@example.org/', 'must not contain a user name or a password'],
    ['ftp://example.org/', 'must start with http:// or https://'],
  ])('%s is a problem of the plan', async (url, message) => {
    const { problems } = await plan({ url });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ problems: [{ path: 'component.components.page/news.url', message }] });
    expect(problems[0]!.message).not.toContain('hunter2');
  });

  test('with limits that no response can meet is a problem of the plan', async () => {
    const { problems } = await plan({ url: 'https://example.org/', every: 0, timeout: 0, maxSize: 0 });
    expect(problems.flatMap((problem) => (problem as ConfigError).problems.map(({ path }) => path))).toEqual([
      'component.components.page/news.every',
      'component.components.page/news.timeout',
      'component.components.page/news.maxSize',
    ]);
  });

  test('that cannot be watched is reported with a fix', async () => {
    const { problems } = await plan({ url: 'http://127.0.0.1/' });
    expect(problems[0]!.message).toMatchInlineSnapshot(`
      "\`component.components.page/news.url\` must be on the public internet, got "http://127.0.0.1/"
        from         set in code
        help         set \`allowPrivate: true\` for a page of your own network
        code         ERR_CONFIG_INVALID"
    `);
  });
});
