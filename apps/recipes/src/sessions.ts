/** Sessions of browsers: a random id in a cookie, and the data in memory or in Redis. */
import { randomBytes } from 'node:crypto';
import { component, Component, defineConfig, inject, provides } from '@asphalt/core';
import { Redis } from '@asphalt/redis';
import { requestContext, WebApp } from '@asphalt/web';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

export interface SessionData {
  readonly user?: string;
}

/** The session of one request. Changes are stored after the handler has returned. */
export class Session {
  data: SessionData;
  /** Undefined for a browser without a session. */
  id: string | undefined;

  constructor(id: string | undefined, data: SessionData = {}) {
    this.id = id;
    this.data = data;
  }

  /** Starts a session with a new id, so that an id that another person knows from before the login is worthless. */
  start(data: SessionData): void {
    this.id = randomBytes(32).toString('base64url');
    this.data = data;
  }

  end(): void {
    this.id = undefined;
    this.data = {};
  }
}

/** Stores sessions as text until they expire. */
export abstract class SessionStore {
  abstract get(id: string): Promise<string | undefined>;
  abstract set(id: string, text: string, lifetimeMs: number): Promise<void>;
  /** Stores a session again. Returns false if it has ended. */
  abstract replace(id: string, text: string, lifetimeMs: number): Promise<boolean>;
  abstract delete(id: string): Promise<void>;
}

const options = defineConfig({
  lifetime: { doc: 'Time after the last request at which a session ends', format: 'duration', default: '7d' },
  secure: { doc: 'Whether browsers send the cookie only over HTTPS', format: 'boolean', default: true },
});

@component({ config: options, description: 'Sessions of browsers' })
@provides(Session, { scope: 'context' })
export class SessionsComponent extends Component<typeof options> {
  @provides(SessionStore)
  store(@inject(Redis, { optional: true }) redis: Redis | undefined): SessionStore {
    return redis ? redisStore(redis) : memoryStore();
  }

  override start(@inject(WebApp) web: WebApp, @inject(SessionStore) store: SessionStore): void {
    const { lifetime, secure } = this.config;
    const cookie = secure ? '__Host-session' : 'session';
    const cookieOptions = { path: '/', httpOnly: true, secure, sameSite: 'Lax' } as const;

    web.use(async (c, next) => {
      const sent = getCookie(c, cookie);
      const text = sent === undefined ? undefined : await store.get(sent);
      const session = text === undefined ? new Session(undefined) : new Session(sent, JSON.parse(text) as SessionData);
      requestContext(c).addResource(Session, session);

      await next();

      if (c.error !== undefined) return;
      if (sent !== undefined && sent !== session.id) await store.delete(sent);
      if (session.id !== undefined) {
        const changed = JSON.stringify(session.data);
        if (session.id !== sent) await store.set(session.id, changed, lifetime);
        // A request that ran at the same time may have ended the session.
        else if (!(await store.replace(sent, changed, lifetime))) return;
        setCookie(c, cookie, session.id, { ...cookieOptions, maxAge: Math.floor(lifetime / 1000) });
      } else if (sent !== undefined) deleteCookie(c, cookie, cookieOptions);
    });
  }
}

function redisStore(redis: Redis): SessionStore {
  const key = (id: string): string => `session:${id}`;
  return {
    get: async (id) => (await redis.get(key(id))) ?? undefined,
    set: async (id, text, lifetimeMs) =>
      void (await redis.set(key(id), text, { expiration: { type: 'PX', value: lifetimeMs } })),
    replace: async (id, text, lifetimeMs) =>
      (await redis.set(key(id), text, { condition: 'XX', expiration: { type: 'PX', value: lifetimeMs } })) !== null,
    delete: async (id) => void (await redis.del(key(id))),
  };
}

/** Stores sessions in this process, from the one that expires first to the last. */
function memoryStore(): SessionStore {
  const sessions = new Map<string, { readonly text: string; readonly expires: number }>();
  const removeExpired = (): void => {
    for (const [id, { expires }] of sessions) {
      if (expires > Date.now()) return;
      sessions.delete(id);
    }
  };
  const set = (id: string, text: string, lifetimeMs: number): boolean => {
    removeExpired();
    const isKnown = sessions.delete(id);
    sessions.set(id, { text, expires: Date.now() + lifetimeMs });
    return isKnown;
  };
  return {
    get: async (id) => {
      removeExpired();
      return sessions.get(id)?.text;
    },
    set: async (id, text, lifetimeMs) => void set(id, text, lifetimeMs),
    replace: async (id, text, lifetimeMs) => sessions.has(id) && set(id, text, lifetimeMs),
    delete: async (id) => void sessions.delete(id),
  };
}
