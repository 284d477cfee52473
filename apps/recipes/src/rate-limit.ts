/** Limits the number of requests of each client, in this process or in all processes that share a Redis server. */
import { component, Component, defineConfig, inject, provides } from '@asphalt/core';
import { Redis } from '@asphalt/redis';
import { clientAddress, problem, WebApp } from '@asphalt/web';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

/** Counts the requests of a key. Rejects with a `RateLimiterRes` above the limit. */
export abstract class RateLimiter {
  abstract consume(key: string): Promise<RateLimiterRes>;
}

const options = defineConfig({
  requests: { doc: 'Number of requests in one period', format: 'int', default: 100 },
  period: { doc: 'Length of a period', format: 'duration', default: '1m' },
  path: { doc: 'Routes with a limit', format: 'string', default: '/api/*' },
});

@component({ config: options, description: 'Limits the requests of each client' })
export class RateLimitComponent extends Component<typeof options> {
  @provides(RateLimiter)
  limiter(@inject(Redis, { optional: true }) redis: Redis | undefined): RateLimiterAbstract {
    const { requests, period } = this.config;
    const limits = { points: requests, duration: period / 1000 };
    const memory = new RateLimiterMemory(limits);
    if (!redis) return memory;
    // During an outage of Redis, each process counts by itself.
    return new RateLimiterRedis({
      ...limits,
      storeClient: redis,
      useRedisPackage: true,
      keyPrefix: 'rate',
      insuranceLimiter: memory,
    });
  }

  override start(@inject(WebApp) web: WebApp, @inject(RateLimiter) limiter: RateLimiter): void {
    const { path, requests } = this.config;
    web.use(path, async (c, next) => {
      const { isAllowed, result } = await limiter.consume(clientAddress(c) ?? '').then(
        (result) => ({ isAllowed: true, result }),
        (error: unknown) => {
          if (error instanceof RateLimiterRes) return { isAllowed: false, result: error };
          throw error;
        },
      );
      const seconds = Math.ceil(result.msBeforeNext / 1000);
      c.header('ratelimit-limit', `${requests}`);
      c.header('ratelimit-remaining', `${result.remainingPoints}`);
      c.header('ratelimit-reset', `${seconds}`);
      if (isAllowed) return next();
      c.header('retry-after', `${seconds}`);
      return problem(c, { status: 429 });
    });
  }
}
