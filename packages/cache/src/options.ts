import { defineConfig, type ConfigOf } from '@asphalt/core';

/** The options of every backend, to spread into `defineConfig`. */
export const cacheOptions = {
  ttl: { doc: 'Time for which a value is fresh', format: 'duration', default: '5m' },
  stale: {
    doc: 'Time for which `wrap` returns an older value while it loads a new one',
    format: 'duration',
    default: 0,
  },
  prefix: { doc: 'Text before every key in the backend', format: 'string', default: '' },
  timeout: { doc: 'Time limit for a call of the backend', format: 'duration', default: '500ms' },
  drain: { doc: 'Time limit for running loads at a stop', format: 'duration', default: '5s' },
} as const;

const schema = defineConfig(cacheOptions);

/** The values of {@link cacheOptions}. */
export type CacheConfig = ConfigOf<typeof schema>;
