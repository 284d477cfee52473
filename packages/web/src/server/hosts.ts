/** Which host names requests may use. A page of another origin can reach a local server under a name of its own. */
import { isIPv4, isIPv6 } from 'node:net';

/** Returns whether a `Host` header is accepted. */
export type HostCheck = (host: string) => boolean;

/**
 * @param hosts - the accepted names; by default `localhost` and its addresses on a loopback address, otherwise any
 * @param address - the address that the server listens on
 * @param name - the configured name of that address
 */
export function hostCheck(hosts: readonly string[] | undefined, address: string, name: string): HostCheck {
  if (hosts === undefined) {
    if (!isLoopback(address)) return () => true;
    const own = hostnameOf(name);
    return (host) => {
      const hostname = hostnameOf(host);
      return hostname !== undefined && (hostname === 'localhost' || hostname === own || isLoopback(hostname));
    };
  }
  const accepted = new Set(hosts.map((host) => hostnameOf(host)));
  return (host) => {
    const hostname = hostnameOf(host);
    return hostname !== undefined && accepted.has(hostname);
  };
}

/** The host in lower case, without port, brackets and a trailing dot; `undefined` if the text contains more than a host. */
export function hostnameOf(host: string): string | undefined {
  const bracketed = isIPv6(host) ? `[${host}]` : host;
  if (/[\s/\\?#@]/.test(bracketed) || !URL.canParse(`http://${bracketed}`)) return undefined;
  return new URL(`http://${bracketed}`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isLoopback(address: string): boolean {
  if (address === '::1') return true;
  const mapped = address.replace(/^::ffff:/, '');
  return (isIPv4(mapped) && mapped.startsWith('127.')) || /^7f[0-9a-f]{2}:[0-9a-f]{1,4}$/.test(mapped);
}
