/** Decides whether an address is on the public internet, and resolves names to such addresses only. */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { PrivateAddressError } from './page-error.ts';

/** Resolves a name to all of its addresses. */
export type Resolve = (
  hostname: string,
  done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** The global unicast range. Other IPv6 addresses belong to this machine, to a local network or to no host. */
const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/**
 * Whether an IP address is public: not of this machine, not of a local network, and not reserved. An IPv6 address that
 * represents an IPv4 address (mapped, NAT64) is treated as that IPv4 address.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address.kind() === 'ipv4') return address.range() === 'unicast';
  const wide = address as ipaddr.IPv6;
  if (wide.range() === 'rfc6052') return isPublicAddress(wide.toByteArray().slice(-4).join('.'));
  return wide.range() === 'unicast' && wide.match(globalUnicast);
}

/** Whether the host of a URL is recognizably this machine or a private address, without a DNS lookup. */
export function isPrivateHost(hostname: string): boolean {
  const address = literalAddress(hostname);
  if (address !== undefined) return !isPublicAddress(address);
  return /(^|\.)localhost\.?$/i.test(hostname);
}

/** Returns the address if a URL's host is an address and not a name. The URL parser has normalized its spelling. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return ipaddr.isValid(bare) ? bare : undefined;
}

export const resolveAll: Resolve = (hostname, done) => systemLookup(hostname, { all: true }, done);

/**
 * Returns a lookup function for sockets that fails if one of the addresses is not allowed. The socket connects to exactly
 * the addresses that were checked, so a DNS server cannot change its response between check and connection.
 */
export function guardedLookup(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, (error, addresses) => {
      if (error) return done(error, []);
      const refused = addresses.find(({ address }) => !isAllowed(address));
      const [first] = addresses;
      if (refused !== undefined) return done(new PrivateAddressError(hostname, refused.address), []);
      if (first === undefined) return done(new Error(`no address for ${hostname}`), []);
      if (options.all === true) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
}
