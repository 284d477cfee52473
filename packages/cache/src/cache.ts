/**
 * A cache in front of a backend. It decides which values are fresh, loads each value once at a time, and treats a backend that
 * is away as empty. It must not know any backend.
 */
import { providedBy, type Logger } from '@asphalt/core';
import { InFlight, JsonSerializer, late, within, type Serializer } from '@asphalt/integration';
import type { CacheConfig } from './options.ts';

/** A backend. It may remove an entry at any time, and after its lifetime it should. */
export interface CacheStore {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, entry: Buffer, lifetimeMs: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** The times of one value in milliseconds, instead of those of the component. */
export interface CacheTimes {
  readonly ttl?: number;
  readonly stale?: number;
}

export interface CacheSettings {
  readonly config: CacheConfig;
  readonly logger: Logger;
  readonly serializer: Serializer;
}

/** The result of a read. */
interface Found {
  readonly is: 'fresh' | 'stale' | 'missing' | 'away';
  readonly value?: unknown;
}

@providedBy('a component of @asphalt/cache')
export class Cache {
  readonly #store: CacheStore;
  readonly #settings: CacheSettings;
  /** The running calls of `wrap`, which callers share. */
  readonly #wraps = new Map<string, Promise<unknown>>();
  /** The running loads. A value that was set or deleted during its load has none, so that the load stores nothing. */
  readonly #loads = new Map<string, object>();
  readonly #running = new InFlight();
  #isAway = false;

  constructor(store: CacheStore, settings: CacheSettings) {
    this.#store = store;
    this.#settings = settings;
  }

  /**
   * Yields a cache, and waits for its loads when the generator continues. For providers of backends.
   *
   * @param serializer - JSON by default
   */
  static async *hold(
    store: CacheStore,
    { config, logger }: Omit<CacheSettings, 'serializer'>,
    serializer: Serializer = new JsonSerializer(),
  ): AsyncGenerator<Cache, void, unknown> {
    const cache = new Cache(store, { config, logger, serializer });
    yield cache;
    await cache.idle();
  }

  /** Returns a fresh value; undefined if there is none, or if the backend is away. */
  async get<T>(key: string): Promise<T | undefined> {
    const found = await this.#read(key);
    return found.is === 'fresh' ? (found.value as T) : undefined;
  }

  /**
   * Stores a value. Does nothing while the backend is away.
   *
   * @throws a PayloadError when the serializer cannot write the value
   */
  async set(key: string, value: unknown, times: CacheTimes = {}): Promise<void> {
    this.#forget(key);
    await this.#write(key, value, times);
  }

  /** Removes a value. Resolves with `false` if the backend is away, so that the value may remain until its time is over. */
  async delete(key: string): Promise<boolean> {
    this.#forget(key);
    return (await this.#ask((store) => store.delete(this.#key(key)))) !== away;
  }

  /**
   * Returns a value, or loads and stores it. Concurrent calls with the same key share one load and its result. A value in its
   * stale time is returned at once and loaded again in the background.
   *
   * @param load - returns the value; `undefined` is not stored, and neither is an error
   */
  wrap<T>(key: string, load: () => Promise<T> | T, times: CacheTimes = {}): Promise<T> {
    const shared = this.#wraps.get(key);
    // Callers of one key agree on its type.
    if (shared) return shared as Promise<T>;
    const wrap = this.#running.run(() => this.#wrap(key, load, times));
    const end = (): void => void (this.#wraps.get(key) === wrap && this.#wraps.delete(key));
    this.#wraps.set(key, wrap);
    wrap.then(end, end);
    return wrap;
  }

  /** @throws an error while the backend is away */
  async check(): Promise<void> {
    if ((await this.#ask((store) => store.get(this.#key('')))) === away)
      throw new Error('the backend does not respond');
  }

  /** Resolves when no value is being loaded. */
  idle(): Promise<void> {
    return this.#running.idle();
  }

  async #wrap<T>(key: string, load: () => Promise<T> | T, times: CacheTimes): Promise<T> {
    const found = await this.#read(key);
    if (found.is === 'fresh') return found.value as T;
    if (found.is === 'away') return load();
    if (found.is === 'missing') return this.#load(key, load, times);
    if (!this.#loads.has(key)) void this.#running.run(() => this.#refresh(key, load, times));
    return found.value as T;
  }

  async #load<T>(key: string, load: () => Promise<T> | T, times: CacheTimes): Promise<T> {
    const current = {};
    this.#loads.set(key, current);
    const isCurrent = (): boolean => this.#loads.get(key) === current;
    try {
      const value = await load();
      if (isCurrent() && value !== undefined) await this.#write(key, value, times);
      return value;
    } finally {
      if (isCurrent()) this.#loads.delete(key);
    }
  }

  async #refresh<T>(key: string, load: () => Promise<T> | T, times: CacheTimes): Promise<void> {
    try {
      await this.#load(key, load, times);
    } catch (error) {
      this.#settings.logger.warn('A cached value cannot be loaded again, so its stale value remains', { key, error });
    }
  }

  #forget(key: string): void {
    for (const running of [this.#wraps, this.#loads]) running.delete(key);
  }

  async #read(key: string): Promise<Found> {
    const entry = await this.#ask((store) => store.get(this.#key(key)));
    if (entry === away) return { is: 'away' };
    if (entry === undefined || entry.byteLength < headerBytes) return { is: 'missing' };
    const header = new DataView(entry.buffer, entry.byteOffset);
    const now = Date.now();
    if (now >= header.getFloat64(8)) return { is: 'missing' };
    try {
      const value = this.#settings.serializer.deserialize(entry.subarray(headerBytes));
      return { is: now < header.getFloat64(0) ? 'fresh' : 'stale', value };
    } catch (error) {
      this.#settings.logger.warn('A cached value cannot be read, so it is loaded again', { key, error });
      return { is: 'missing' };
    }
  }

  async #write(key: string, value: unknown, times: CacheTimes): Promise<void> {
    const { config, serializer } = this.#settings;
    const { ttl = config.ttl, stale = config.stale } = times;
    const payload = serializer.serialize(value);
    const header = new DataView(new ArrayBuffer(headerBytes));
    header.setFloat64(0, Date.now() + ttl);
    header.setFloat64(8, Date.now() + ttl + stale);
    const entry = Buffer.concat([new Uint8Array(header.buffer), payload]);
    await this.#ask((store) => store.set(this.#key(key), entry, ttl + stale));
  }

  /** Calls the backend, and reports when it goes away and when it is back. */
  async #ask<R>(call: (store: CacheStore) => Promise<R>): Promise<R | typeof away> {
    const { logger, config } = this.#settings;
    try {
      const reply = await within(config.timeout, call(this.#store));
      if (reply === late) throw new Error(`no response within ${config.timeout} ms`);
      if (this.#isAway) logger.info('The cache is available again');
      this.#isAway = false;
      return reply;
    } catch (error) {
      if (!this.#isAway) logger.warn('The cache is not available, so values are loaded each time', { error });
      this.#isAway = true;
      return away;
    }
  }

  #key(key: string): string {
    return this.#settings.config.prefix + key;
  }
}

const away = Symbol('away');

/** An entry starts with two times since 1970, in milliseconds: the end of its fresh time, and that of its stale time. */
const headerBytes = 16;
