/**
 * The proxies before the server, and their reports of a client: its address, and the scheme and the host that it used. A
 * report counts only if all proxies behind it are trusted, because clients can send the same headers.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Context as HonoContext } from 'hono';

/** The report of one proxy about the sender of its request. */
export interface Hop {
  readonly for?: string | undefined;
  readonly proto?: string | undefined;
  readonly host?: string | undefined;
}

/** The client of a request, as far as trusted proxies report it. */
export interface Origin {
  /** Undefined for a client of a unix socket. */
  readonly address: string | undefined;
  /** Whether the request arrived from a trusted proxy. */
  readonly isProxied: boolean;
  readonly scheme?: 'http' | 'https' | undefined;
  readonly host?: string | undefined;
}

/** The value of `trustProxy` for this machine. */
const loopback = 'loopback';

export class Proxies {
  readonly #trusted = new BlockList();
  readonly #trustsLocal: boolean;
  readonly #hopsOf: (headers: IncomingHttpHeaders) => readonly Hop[];

  /**
   * @param trusted - addresses, networks such as `10.0.0.0/8`, and `loopback`
   * @param parse - parses the field `Forwarded`; without it, `X-Forwarded-*` are read. Proxies pass on fields that they do
   * not know, so one of both has to be ignored
   */
  constructor(trusted: readonly string[], parse?: (field: string) => readonly Hop[]) {
    this.#trustsLocal = trusted.includes(loopback);
    for (const each of trusted) {
      for (const { address, prefix, family } of networksOf(each) ?? [])
        this.#trusted.addSubnet(address, prefix, family);
    }
    this.#hopsOf = parse ? ({ forwarded }) => parsed(parse, forwarded) : hopsOfXForwarded;
  }

  /** Returns the client of a request, and the scheme and host that it used. */
  originOf({ socket, headers }: IncomingMessage): Origin {
    let address = addressOf(socket.remoteAddress);
    const isProxied = this.#isTrusted(address);
    if (!isProxied) return { address, isProxied };
    let client: Hop = {};
    for (const hop of this.#hopsOf(headers).toReversed()) {
      if (!this.#isTrusted(address)) break;
      client = hop;
      const sender = addressOf(hop.for);
      if (sender === undefined) break;
      address = sender;
    }
    const scheme = client.proto?.toLowerCase();
    return {
      address,
      isProxied,
      scheme: scheme === 'http' || scheme === 'https' ? scheme : undefined,
      host: client.host,
    };
  }

  #isTrusted(address: string | undefined): boolean {
    // Only processes of this machine can connect to a unix socket.
    if (address === undefined) return this.#trustsLocal;
    return this.#trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** An address range of `trustProxy`. */
interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Returns the networks that a value of `trustProxy` means; undefined if it means none. */
export function networksOf(text: string): readonly Network[] | undefined {
  if (text === loopback) return [...networksOf('127.0.0.0/8')!, ...networksOf('::1')!];
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const longest = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? longest : Number(bits);
  if (version === 0 || prefix > longest) return undefined;
  return [{ address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' }];
}

function parsed(parse: (field: string) => readonly Hop[], field: string | undefined): readonly Hop[] {
  try {
    return field === undefined ? [] : parse(field);
  } catch {
    // The header may come from the client.
    return [];
  }
}

function hopsOfXForwarded(headers: IncomingHttpHeaders): readonly Hop[] {
  const [senders, schemes, hosts] = ['for', 'proto', 'host'].map((name) => listOf(headers[`x-forwarded-${name}`])) as [
    string[],
    string[],
    string[],
  ];
  const count = Math.max(senders.length, 1);
  // Some proxies add an entry to each field, and others replace the last two fields.
  const at = (list: readonly string[], index: number): string | undefined =>
    list.length === count ? list[index] : list.at(-1);
  return Array.from({ length: count }, (_, index) => ({
    for: senders[index],
    proto: at(schemes, index),
    host: at(hosts, index),
  }));
}

function listOf(field: string | string[] | undefined): string[] {
  return field === undefined
    ? []
    : String(field)
        .split(',')
        .map((entry) => entry.trim());
}

/** Returns an address without port, brackets and the prefix of a mapped one; undefined for other text. */
function addressOf(text: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d+)?|([^:]+)(?::\d+)?)$/.exec(text ?? '') ?? [];
  const address = (bracketed ?? plain ?? text ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? undefined : address;
}

/** Returns the address of the client of a request, as far as it is known. */
export function clientOf({
  socket,
  origin,
}: Pick<IncomingMessage, 'socket'> & { readonly origin?: Origin | undefined }): string | undefined {
  return origin ? origin.address : addressOf(socket.remoteAddress);
}

/**
 * Returns the address of the client of a request. Behind proxies of the option `trustProxy`, it is the address that they
 * report; if one of them hides it, it is that of the proxy.
 *
 * @returns undefined for requests within the process and for clients of a unix socket
 */
export function clientAddress(c: HonoContext): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  return incoming && clientOf(incoming);
}
