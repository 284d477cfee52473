/** The contract of every backend of a cache: tests that stop and freeze a real server, where the backend has one. */
import {
  Component,
  component,
  startApplication,
  type Application,
  type ComponentClass,
  type Logger,
} from '@asphalt/core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Cache } from '../index.ts';

/** The operations of a private server. */
export interface CacheServer {
  readonly url: string;
  kill(): Promise<unknown>;
  start(): Promise<unknown>;
  freeze(): unknown;
  thaw(): unknown;
  stop(): Promise<unknown>;
}

export interface CacheContract {
  /** Why the server cannot be used, as `unavailable()` returns it. The tests are then skipped, and show it. */
  readonly unavailable?: string | false;
  /** The component under test. Its alias is `cache`. */
  readonly component: ComponentClass;
  /** Starts a private server; undefined for a backend without one. All tests share the server. */
  readonly server?: () => Promise<CacheServer>;
  /** Returns the options of the component, and other components with their options. */
  readonly setup?: (url: string) => {
    readonly options?: object;
    readonly others?: Readonly<Record<string, ComponentClass>>;
    readonly configs?: object;
  };
  /** The number of values of 1 kB that the backend keeps, with the options that limit them. */
  readonly limit?: { readonly options: object; readonly values: number };
}

interface Subject {
  readonly app: Application;
  readonly cache: Cache;
  readonly lines: string[];
}

/** Registers the tests of the contract. Call it once per test file. */
export function describeCache(contract: CacheContract): void {
  const { unavailable = false } = contract;
  describe.skipIf(unavailable)(`${unavailable || 'the contract of a cache'}`, () => {
    cacheTests(contract);
  });
}

/** The time limit of calls, so that no test waits long. */
const timeout = 300;

function cacheTests(contract: CacheContract): void {
  let server: CacheServer | undefined;
  let prefixes = 0;

  beforeAll(async () => {
    server = await contract.server?.();
  });
  afterAll(() => server?.stop());
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
    return () => void vi.useRealTimers();
  });

  /** Starts an application with a cache of its own. */
  async function start(own: object = {}): Promise<Subject> {
    const { options, others, configs } = contract.setup?.(server?.url ?? '') ?? {};
    const lines: string[] = [];
    const write = (message: string): void => void lines.push(message);
    const logger: Logger = { debug: () => undefined, info: write, warn: write, error: write, child: () => logger };
    @component({ components: { cache: contract.component, ...others } })
    class App extends Component {}
    const cache = { prefix: `${prefixes++}:`, timeout, ...options, ...own };
    const app = await startApplication(App, { config: { components: { cache, ...configs } } as never, logger });
    onTestFinished(() => app.stop());
    return { app, cache: app.context.getResourceSync(Cache), lines };
  }

  const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

  test('returns what was set until it is deleted', async () => {
    const { cache } = await start();
    expect(await cache.get('ada')).toBeUndefined();
    const value = { name: 'Ada', languages: ['de', 'en'], boss: null };
    await cache.set('ada', value);
    await cache.set('größer als', 'bob');
    expect(await cache.get('ada')).toEqual(value);
    expect(await cache.get('größer als')).toBe('bob');
    expect(await cache.delete('ada')).toBe(true);
    expect(await cache.delete('ada')).toBe(true);
    expect(await cache.get('ada')).toBeUndefined();
  });

  test('returns a copy, so that a change of a value does not change the cache', async () => {
    const { cache } = await start();
    const value = { names: ['ada'] };
    await cache.set('users', value);
    value.names.push('bob');
    const read = await cache.get<typeof value>('users');
    expect(read).toEqual({ names: ['ada'] });
    expect(await cache.get('users')).not.toBe(read);
  });

  test('accepts all keys, and confuses none', async () => {
    const { app, cache } = await start({ prefix: '' });
    const long = [249, 250, 251, 1000].flatMap((length) => ['a', 'b'].map((end) => 'x'.repeat(length - 1) + end));
    const odd = ['', ' ', 'a b', 'a\r\nb', '\0', '\x7F', 'ä'.repeat(126), 'a\uD800', 'a\uD801'];
    const keys = [...long, ...odd];
    for (const [index, key] of keys.entries()) await cache.set(key, index);
    expect(await Promise.all(keys.map((key) => cache.get(key)))).toEqual([...keys.keys()]);
    for (const key of keys) expect(await cache.delete(key)).toBe(true);
    expect((await app.health()).status).toBe('up');
  });

  test('stores a value for any time, and a value without a time not at all', async () => {
    const { cache } = await start();
    const day = 24 * 3600 * 1000;
    for (const ttl of [1000, 31 * day, 100 * 365 * day, Infinity]) {
      await cache.set('a', String(ttl), { ttl });
      expect(await cache.get('a')).toBe(String(ttl));
    }
    for (const ttl of [0, -1, NaN]) {
      await cache.set('a', 'former');
      await cache.set('a', ttl, { ttl });
      expect(await cache.wrap('a', () => 'loaded', { ttl })).toBe('loaded');
    }
    expect(await cache.get('a')).toBeUndefined();
  });

  test('separates keys by the prefix', async () => {
    const [first, second] = [await start(), await start()];
    await first.cache.set('a', 1);
    expect(await second.cache.get('a')).toBeUndefined();
  });

  test('returns a value while it is fresh', async () => {
    const { cache } = await start({ ttl: '10s' });
    await cache.set('default', 1);
    await cache.set('own', 1, { ttl: 60_000 });
    pass(9999);
    expect([await cache.get('default'), await cache.get('own')]).toEqual([1, 1]);
    pass(1);
    expect([await cache.get('default'), await cache.get('own')]).toEqual([undefined, 1]);
  });

  test('loads a value once for concurrent calls, and again when it is no longer fresh', async () => {
    const { cache } = await start({ ttl: '10s' });
    let loads = 0;
    const load = async (): Promise<number> => ++loads;
    const values = await Promise.all([1, 2, 3].map(() => cache.wrap('number', load)));
    expect([...values, await cache.wrap('number', load)]).toEqual([1, 1, 1, 1]);
    pass(10_000);
    expect(await cache.wrap('number', load)).toBe(2);
  });

  test('returns a stale value at once, and loads it again once', async () => {
    const { cache } = await start({ ttl: '10s', stale: '1m' });
    let loads = 0;
    const load = async (): Promise<number> => ++loads;
    await cache.wrap('number', load);
    pass(10_000);
    expect(await cache.get('number')).toBeUndefined();
    expect(await Promise.all([cache.wrap('number', load), cache.wrap('number', load)])).toEqual([1, 1]);
    await cache.idle();
    expect([await cache.wrap('number', load), loads]).toEqual([2, 2]);
    pass(70_000);
    expect(await cache.wrap('number', load)).toBe(3);
  });

  test('keeps a stale value whose load fails, and logs the error', async () => {
    const { cache, lines } = await start({ ttl: '10s', stale: '1m' });
    await cache.set('number', 1);
    pass(10_000);
    const broken = (): never => {
      throw new Error('broken');
    };
    expect(await cache.wrap('number', broken)).toBe(1);
    await cache.idle();
    expect(await cache.wrap('number', broken)).toBe(1);
    await cache.idle();
    expect(lines.filter((line) => line.includes('stale value remains'))).toHaveLength(2);
  });

  test('does not store an error, and neither a value that is undefined', async () => {
    const { cache } = await start();
    const outcomes: (() => unknown)[] = [
      () => {
        throw new Error('broken');
      },
      () => undefined,
      () => null,
      () => 'never',
    ];
    let loads = 0;
    const load = (): unknown => outcomes[loads++]!();
    await expect(Promise.all([cache.wrap('a', load), cache.wrap('a', load)])).rejects.toThrow('broken');
    expect([await cache.wrap('a', load), await cache.wrap('a', load), await cache.wrap('a', load)]).toEqual([
      undefined,
      null,
      null,
    ]);
  });

  test('does not store a value that was deleted or set while it was loaded', async () => {
    const { cache } = await start();
    for (const change of [() => cache.delete('a'), () => cache.set('a', 'new')]) {
      const loaded = cache.wrap('a', async () => {
        await change();
        return 'old';
      });
      expect(await loaded).toBe('old');
      expect(await cache.get('a')).not.toBe('old');
      await cache.delete('a');
    }
  });

  if (contract.limit) limitTest(start, contract.limit);
  if (contract.server) serverTests(start, () => server!);
}

/** The test of a backend that limits its values. */
function limitTest(
  start: (own: object) => Promise<Subject>,
  { options, values }: NonNullable<CacheContract['limit']>,
): void {
  test('keeps a limited number of values', async () => {
    const { cache } = await start(options);
    const keys = Array.from({ length: 2 * values }, (_, number) => String(number));
    for (const key of keys) await cache.set(key, 'x'.repeat(1000));
    const kept = await Promise.all(keys.map((key) => cache.get(key)));
    expect(kept.filter((value) => value !== undefined)).toHaveLength(values);
    expect(kept.at(-1)).toBeDefined();
  });
}

/** The tests of a backend with a server. */
function serverTests(start: () => Promise<Subject>, server: () => CacheServer): void {
  describe('a server that is away', () => {
    test('makes every read a miss, is logged once, and is used again when it is back', async () => {
      const { app, cache, lines } = await start();
      await cache.set('a', 'stored');
      await server().kill();
      expect(await cache.get('a')).toBeUndefined();
      expect(await cache.wrap('a', () => 'loaded')).toBe('loaded');
      expect(await cache.delete('a')).toBe(false);
      await cache.set('a', 'lost');
      const { checks } = await app.health();
      expect(checks.filter(({ component: path }) => path === 'cache')).toMatchObject([{ status: 'degraded' }]);
      const ofCache = lines.filter((line) => /cache/i.test(line));
      expect(ofCache).toEqual([
        expect.stringMatching(/^The cache( at \S+)? is not available, so values are loaded each time$/),
      ]);
      await server().start();
      await vi.waitFor(
        async () => {
          await cache.set('a', 'again');
          expect(await cache.get('a')).toBe('again');
        },
        { timeout: 5000 },
      );
      expect(lines.filter((line) => /^The cache( at \S+)? is available again$/.test(line))).toHaveLength(1);
    });

    test('does not delay a loaded value', async () => {
      const { cache, lines } = await start();
      const load = (): string => {
        server().freeze();
        return 'loaded';
      };
      expect(await cache.wrap('a', load)).toBe('loaded');
      expect(lines.filter((line) => line.startsWith('The cache'))).toEqual([]);
      server().thaw();
      await vi.waitFor(async () => expect(await cache.get('a')).toBe('loaded'), { timeout: 5000 });
    });

    test('that does not respond delays calls by the time limit only', async () => {
      const { cache } = await start();
      await cache.set('a', 'stored');
      server().freeze();
      const loads = await Promise.all(['a', 'b'].map((key) => cache.wrap(key, () => `loaded ${key}`)));
      server().thaw();
      expect(loads).toEqual(['loaded a', 'loaded b']);
      await vi.waitFor(async () => expect(await cache.get('a')).toBe('stored'), { timeout: 5000 });
    });
  });
}
