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
  /** Stores an entry. Resolves with the reason if the backend responds that it does not store it. */
  set(key: string, entry: Buffer, lifetimeMs: number): Promise<string | undefined>;
  delete(key: string): Promise<unknown>;
  /** Returns the server of a key, for log lines. Omitted by backends that do not distribute keys. */
  server?(key: string): string;
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
  /** The servers that are away; an empty text for a backend that does not distribute keys. */
  readonly #away = new Set<string>();
  #refuses = false;

  constructor(store: CacheStore, settings: CacheSettings) {
    this.#store = store;
    this.#settings = settings;
  }

  /**
   * Yields a cache, and waits for its loads when the generator continues, for the option `drain` at most. For providers of
   * backends.
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
    if ((await within(config.drain, cache.idle())) === late)
      logger.warn(`Loads of cached values did not end within ${config.drain} ms; the stop does not wait for them`);
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
    await this.#write(key, this.#entryOf(value, times));
  }

  /** Removes a value. Resolves with `false` if the backend is away, so that the value may remain until its time is over. */
  async delete(key: string): Promise<boolean> {
    this.#forget(key);
    return (await this.#ask(key, (store, stored) => store.delete(stored))) !== away;
  }

  /**
   * Returns a value, or loads and stores it. Concurrent calls with the same key share one load and its result. A value in its
   * stale time is returned at once and loaded again in the background. The backend delays it by the option `timeout` at most.
   *
   * @param load - returns the value; `undefined` is not stored, and neither is an error
   * @throws the error of `load`; a PayloadError when the serializer cannot write the value
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
    if ((await this.#ask('', (store, stored) => store.get(stored))) === away)
      throw new Error('the backend does not respond');
  }

  /** Resolves when no value is being loaded, and no call of the backend is running. */
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
      // The caller does not wait for the backend.
      if (isCurrent() && value !== undefined) void this.#write(key, this.#entryOf(value, times));
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
    const entry = await this.#ask(key, (store, stored) => store.get(stored));
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

  /** @throws a PayloadError when the serializer cannot write the value */
  #entryOf(value: unknown, { ttl, stale }: CacheTimes): Entry {
    const { config, serializer } = this.#settings;
    const freshMs = ttl ?? config.ttl;
    const lifetimeMs = freshMs + (stale ?? config.stale);
    const header = new DataView(new ArrayBuffer(headerBytes));
    header.setFloat64(0, Date.now() + freshMs);
    header.setFloat64(8, Date.now() + lifetimeMs);
    return { bytes: Buffer.concat([new Uint8Array(header.buffer), serializer.serialize(value)]), lifetimeMs };
  }

  /** Stores an entry, or removes the former one if that is not possible. */
  async #write(key: string, { bytes, lifetimeMs }: Entry): Promise<void> {
    if (lifetimeMs > 0) {
      const refusal = await this.#ask(key, (store, stored) => store.set(stored, bytes, lifetimeMs));
      if (typeof refusal === 'string' && !this.#refuses)
        this.#settings.logger.warn('The cache refuses to store a value', { key, reason: refusal });
      this.#refuses = typeof refusal === 'string';
      if (!this.#refuses) return;
    }
    await this.#ask(key, (store, stored) => store.delete(stored));
  }

  /** Calls the backend, and reports when it goes away and when it is back. */
  async #ask<R>(key: string, call: (store: CacheStore, stored: string) => Promise<R>): Promise<R | typeof away> {
    const { logger, config } = this.#settings;
    const stored = config.prefix + (/\p{Surrogate}/u.test(key) ? JSON.stringify(key) : key);
    const server = this.#store.server?.(stored) ?? '';
    const name = server && ` at ${server}`;
    try {
      const reply = await this.#running.run(() => within(config.timeout, call(this.#store, stored)));
      if (reply === late) throw new Error(`no response within ${config.timeout} ms`);
      if (this.#away.delete(server)) logger.info(`The cache${name} is available again`);
      return reply;
    } catch (error) {
      if (!this.#away.has(server))
        logger.warn(`The cache${name} is not available, so values are loaded each time`, { error });
      this.#away.add(server);
      return away;
    }
  }
}

/** A value as the backend stores it. */
interface Entry {
  readonly bytes: Buffer;
  readonly lifetimeMs: number;
}

const away = Symbol('away');

/** An entry starts with two times since 1970, in milliseconds: the end of its fresh time, and that of its stale time. */
const headerBytes = 16;
