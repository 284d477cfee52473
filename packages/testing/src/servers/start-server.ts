import { ServerStartError } from './errors.ts';
import { LocalServer, type Recipe } from './local-server.ts';
import { urlOf, variableOf, type ServerProgram } from './programs.ts';
import { TestServer, type Backend } from './test-server.ts';
import type { TcpTarget } from './wire-connection.ts';

/** A login that a server requires. */
export interface PasswordOptions {
  /** By default, the server requires no login, or its default one. A server that the environment specifies ignores it. */
  readonly password?: string;
}

/** A server that the test does not control. The wire in front of it does everything that a test asks for. */
export class WiredServer implements Backend {
  readonly #target: TcpTarget;
  readonly #stop: () => Promise<void>;

  /** @param stop - ends the server, if it belongs to the test */
  constructor(target: TcpTarget, stop: () => Promise<void> = async () => undefined) {
    this.#target = target;
    this.#stop = stop;
  }

  async start(): Promise<TcpTarget> {
    return this.#target;
  }

  async kill(): Promise<void> {}
  freeze(): void {}
  thaw(): void {}

  stop(): Promise<void> {
    return this.#stop();
  }
}

/**
 * Uses the server that the environment specifies, or starts a private one.
 *
 * @param url - the URL of the private server, with any host and port
 */
export async function startServer(program: ServerProgram, url: string, recipe: Recipe): Promise<TestServer> {
  const external = urlOf(program);
  if (external === undefined) return TestServer.open(program.name, url, new LocalServer(program, recipe));
  const { protocol } = new URL(url);
  if (!URL.canParse(external) || !sameScheme(new URL(external).protocol, protocol)) {
    throw new ServerStartError(program.name, `${variableOf(program)} must be a URL that starts with ${protocol}//`, '');
  }
  const { hostname, port } = new URL(external);
  // URLs have brackets around IPv6 addresses, and sockets do not.
  const host = hostname.replace(/^\[|\]$/g, '');
  return TestServer.open(program.name, external, new WiredServer({ host, port: Number(port) || program.defaultPort }));
}

/** Returns the URL of a server, with a host that the wire replaces. */
export function urlWith(scheme: string, username = '', password = '', path = ''): string {
  const url = new URL(`${scheme}://localhost${path}`);
  // The setters do not encode percent signs.
  url.username = encodeURIComponent(username);
  url.password = encodeURIComponent(password);
  return url.href;
}

const otherNames: Readonly<Record<string, string>> = { 'postgres:': 'postgresql:', 'mysql:': 'mariadb:' };

/** Accepts the other name of a scheme, and the one with TLS. */
function sameScheme(actual: string, expected: string): boolean {
  return [expected, expected.replace(':', 's:'), otherNames[expected]].includes(actual);
}
