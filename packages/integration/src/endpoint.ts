/** Combines `url` and the single options of a server into one address. */
import { isIPv6 } from 'node:net';
import type { OptionFault } from '@asphalt/core/config';
import { ConnectOptionsError } from './errors.ts';
import type { ServerConfig, ServerKind } from './options.ts';

/** The address of a server, and the login. The password is not enumerable, so that inspecting it reveals nothing. */
export class Endpoint {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  /** The path of the URL without its slash. */
  readonly database: string | undefined;
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
  readonly #password: string | undefined;
  readonly #url: string | undefined;
  readonly #tokens: readonly (string | undefined)[];

  constructor(config: ServerConfig, kind: ServerKind, tokens: readonly (string | undefined)[] = []) {
    const { url } = config;
    const parts = url === undefined ? undefined : new URL(url);
    this.host = parts?.hostname.replace(/^\[|\]$/g, '') || config.host || 'localhost';
    this.port = Number(parts?.port) || (config.port ?? kind.port);
    this.username = decoded(parts?.username) ?? config.username;
    this.database = decoded(parts?.pathname.slice(1));
    this.secure = config.tls !== undefined || parts?.protocol === `${kind.scheme}s:`;
    this.#password = decoded(parts?.password) ?? config.password;
    this.#url = url;
    this.#tokens = tokens;
  }

  get password(): string | undefined {
    return this.#password;
  }

  /** The parts of the login that exist, to spread into the options of a driver. */
  get login(): { readonly username?: string; readonly password?: string } {
    const { username, password } = this;
    return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  }

  /** The address for messages, as `host:port`. */
  get server(): string {
    return this.host.includes(':') ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`;
  }

  /** The texts that no message may contain. */
  get secrets(): readonly string[] {
    const written = this.#url === undefined ? '' : new URL(this.#url).password;
    const secrets = [this.#password, written, ...this.#tokens];
    return secrets.filter((secret): secret is string => secret !== undefined && secret !== '');
  }
}

/**
 * Returns the address of a server.
 *
 * @param tokens - further secrets of the login
 * @throws {@link ConnectOptionsError} when the options contradict each other. {@link endpointFaults} reports this before
 * the start
 */
export function endpoint(
  config: ServerConfig,
  kind: ServerKind,
  tokens: readonly (string | undefined)[] = [],
): Endpoint {
  for (const { option, message, help } of endpointFaults(kind)(config)) {
    throw new ConnectOptionsError([option].flat().join('.'), message, help);
  }
  return new Endpoint(config, kind, tokens);
}

/** Returns the check for `defineConfig` that finds values which no server can have, and options that contradict each other. */
export function endpointFaults(kind: ServerKind): (config: ServerConfig) => Iterable<OptionFault> {
  return function* check(config) {
    const { url, host, port, connect, tls, timeout } = config;
    if (host !== undefined && !isHost(host)) {
      const help = 'write a URL in `url`, and a port in `port`';
      yield { option: 'host', message: 'must be only the name or address of the server', help };
    }
    if (port === 0) yield { option: 'port', message: 'must be a whole number from 1 to 65535' };
    if (timeout < 1) yield { option: 'timeout', message: 'must be at least 1 ms' };
    if (connect.timeout < 1) yield { option: ['connect', 'timeout'], message: 'must be at least 1 ms' };
    if (connect.minDelay > connect.maxDelay) {
      yield { option: ['connect', 'minDelay'], message: 'must not be longer than `connect.maxDelay`' };
    }
    if ((tls?.cert === undefined) !== (tls?.key === undefined)) {
      yield { option: 'tls', message: 'must contain both `cert` and `key`, or neither' };
    }
    if (url !== undefined) yield* urlFaults(url, config, kind);
  };
}

function* urlFaults(url: string, config: ServerConfig, { scheme }: ServerKind): Generator<OptionFault> {
  const { protocol, port, username, password } = new URL(url);
  if (protocol !== `${scheme}:` && protocol !== `${scheme}s:`) {
    yield { option: 'url', message: `must start with ${scheme}:// or ${scheme}s://` };
  }
  if (port === '0') yield { option: 'url', message: 'must have a port from 1 to 65535' };
  if ([username, password].some((text) => decoded(text) === malformed)) {
    yield { option: 'url', message: 'must have a login in which `%` is written as `%25`' };
  }
  const twice = { host: true, port: port !== '', username: username !== '', password: password !== '' };
  for (const option of ['host', 'port', 'username', 'password'] as const) {
    if (twice[option] && config[option] !== undefined) {
      yield { option, message: 'must not be set together with a `url` that contains it', help: 'remove one of them' };
    }
  }
}

function isHost(text: string): boolean {
  return isIPv6(text) || /^[^\s/@:[\]]+$/.test(text);
}

const malformed = '\uFFFD';

/** Decodes a part of a URL; undefined if it is empty. */
function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return malformed;
  }
}
