import { defineConfig, listOf, mapOf, type ConfigOf } from '@asphalt/core';
import { endpointFaults, serverOptions } from '@asphalt/integration';

export const server = { scheme: 'nats', port: 4222, env: 'NATS' } as const;

const bucket = defineConfig({
  history: { doc: 'Number of values that the server keeps for each key', format: 'int', default: 1 },
  ttl: { doc: 'Age at which the server removes a value; 0 for never', format: 'duration', default: 0 },
  storage: { doc: 'Where the server keeps the values', format: ['file', 'memory'], default: 'file' },
  replicas: { doc: 'Number of copies in a cluster', format: 'int', default: 1 },
});

export const options = defineConfig(
  {
    ...serverOptions(server),
    servers: { doc: 'Further servers of the cluster, as host:port', format: listOf('string'), default: [] },
    token: { doc: 'Token of the login', format: 'string', env: 'NATS_TOKEN', sensitive: true },
    creds: { doc: 'File with the JWT and the seed of the login', format: 'path' },
    nkey: { doc: 'Seed of the NKey of the login', format: 'string', env: 'NATS_NKEY', sensitive: true },
    streams: { doc: 'Settings of streams by name, as in the API of NATS', format: mapOf('object'), default: {} },
    buckets: { doc: 'Settings of buckets of keys and values by name', format: mapOf(bucket), default: {} },
  },
  function* check(config) {
    yield* endpointFaults(server)(config);
    const { url, username, token, creds, nkey } = config;
    const user = username ?? (url === undefined ? '' : new URL(url).username);
    if ([user, token, creds, nkey].filter(Boolean).length > 1)
      yield { option: 'username', message: 'must not be set together with `token`, `creds` or `nkey`' };
  },
);

export type NatsConfig = ConfigOf<typeof options>;
