/** The options that all integrations of servers share, to spread into `defineConfig`. */
import { defineConfig, type ConfigOf } from '@asphalt/core';

const connectOptions = defineConfig({
  timeout: { doc: 'Time limit for one attempt to connect', format: 'duration', default: '5s' },
  for: {
    doc: 'How long the start retries a server that is not available yet; 0 for one attempt',
    format: 'duration',
    default: '8s',
  },
  minDelay: { doc: 'Shortest delay before the next attempt', format: 'duration', default: '100ms' },
  maxDelay: { doc: 'Longest delay before the next attempt', format: 'duration', default: '2s' },
});

/** The options of an encrypted connection. An empty section enables TLS with its defaults. */
export const tlsOptions = defineConfig({
  ca: { doc: 'File with the certificates of the authorities to trust, instead of those of Node', format: 'path' },
  cert: { doc: 'File with the certificate of this client', format: 'path' },
  key: { doc: 'File with the private key of this client', format: 'path' },
  serverName: { doc: 'Name that the certificate of the server must contain; by default its host', format: 'string' },
  verify: { doc: 'Whether the certificate of the server is verified', format: 'boolean', default: true },
});

/** The technology of a server, which determines names and defaults of options. */
export interface ServerKind<Scheme extends string = string> {
  /** The scheme of a URL without TLS, such as `redis`. With an `s` after it, it means TLS. */
  readonly scheme: Scheme;
  /** The usual port. */
  readonly port: number;
  /** The prefix of environment variables: `REDIS` for `REDIS_URL` and `REDIS_PASSWORD`. */
  readonly env: string;
}

/**
 * Returns the options of the connection to a server.
 *
 * @example
 * const options = defineConfig({ ...serverOptions({ scheme: 'redis', port: 6379, env: 'REDIS' }) }, endpointFaults)
 */
export function serverOptions({ scheme, port, env }: ServerKind) {
  return {
    url: {
      doc: `URL of the server: ${scheme}://host:${port}, or ${scheme}s://host:${port} with TLS`,
      format: 'url',
      env: `${env}_URL`,
      sensitive: true,
    },
    host: { doc: 'Host of the server, if `url` is not set; by default localhost', format: 'string' },
    port: { doc: `Port of the server, if \`url\` does not contain one; by default ${port}`, format: 'port' },
    username: { doc: 'Name of the login', format: 'string' },
    password: { doc: 'Password of the login', format: 'string', env: `${env}_PASSWORD`, sensitive: true },
    tls: { doc: `Encrypts the connection; also enabled by ${scheme}s: in \`url\``, format: tlsOptions },
    connect: { doc: 'Attempts to connect, at the start and after an outage', format: connectOptions, default: {} },
    required: {
      doc: 'Whether the start fails if the server is not available; otherwise the application starts without it',
      format: 'boolean',
      default: true,
    },
    timeout: { doc: 'Time limit for one call', format: 'duration', default: '2s' },
    probe: { doc: 'Interval of the check that the server responds; 0 for none', format: 'duration', default: '10s' },
    drain: { doc: 'Time limit for running calls at a stop', format: 'duration', default: '5s' },
  } as const;
}

/** The values of {@link tlsOptions}. */
export type TlsConfig = ConfigOf<typeof tlsOptions>;

/** The values of {@link serverOptions}. */
export interface ServerConfig {
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: TlsConfig | undefined;
  readonly connect: ConfigOf<typeof connectOptions>;
  readonly required: boolean;
  readonly timeout: number;
  readonly probe: number;
  readonly drain: number;
}
