/**
 * HTTP client for watched pages, with redirects, decompression and a size limit. It checks every host before it connects,
 * unless private addresses are allowed. It must not depend on texts and versions.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { PageError, PrivateAddressError } from './page-error.ts';
import { guardedLookup, isPublicAddress, literalAddress, resolveAll, type Resolve } from './public-address.ts';

export interface PageClientSettings {
  /** Whether pages and redirects may lead to this machine and to local networks. @default false */
  readonly allowPrivate?: boolean;
  /** Whether a connection to an address may be made. @default by `allowPrivate` */
  readonly isAllowed?: (address: string) => boolean;
  /** @default the name service of the system */
  readonly resolve?: Resolve;
}

const mostRedirects = 10;
const redirects = new Set([301, 302, 303, 307, 308]);
const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

export class PageClient {
  readonly #isAllowed: (address: string) => boolean;
  readonly #lookup: LookupFunction;
  // Use separate agents, because connections of another client were checked by other rules.
  readonly #http = new HttpAgent({ keepAlive: true, maxFreeSockets: 2 });
  readonly #https = new HttpsAgent({ keepAlive: true, maxFreeSockets: 2 });

  constructor({ allowPrivate = false, isAllowed, resolve = resolveAll }: PageClientSettings = {}) {
    this.#isAllowed = isAllowed ?? (allowPrivate ? () => true : isPublicAddress);
    this.#lookup = guardedLookup(resolve, this.#isAllowed);
  }

  /**
   * Sends a GET request and follows redirects.
   *
   * @throws {@link PageError} when a redirect cannot be followed; errors of the connection are not wrapped
   */
  async get(url: string, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> {
    let target = new URL(url);
    for (let followed = 0; ; followed += 1) {
      const response = await this.#request(target, headers, signal);
      const { statusCode = 0, headers: received } = response;
      if (!redirects.has(statusCode) || received.location === undefined) return response;
      response.destroy();
      if (followed === mostRedirects) throw new PageError(url, `redirects more than ${mostRedirects} times`);
      target = redirectTarget(url, target, received.location);
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #request(target: URL, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> {
    const address = literalAddress(target.hostname);
    // Sockets do not call `lookup` for literal addresses.
    if (address !== undefined && !this.#isAllowed(address)) throw new PrivateAddressError(address, address);
    const isSecure = target.protocol === 'https:';
    const send = isSecure ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const agent = isSecure ? this.#https : this.#http;
      send(target, { headers, signal, agent, lookup: this.#lookup }, resolve).on('error', reject).end();
    });
  }
}

/**
 * Reads a response's body and decompresses it.
 *
 * @param maxBytes - the size limit after decompression
 * @throws {@link PageError} when the body is larger or its encoding is unknown
 */
export async function readBytes(response: IncomingMessage, url: string, maxBytes: number): Promise<Buffer> {
  const encodings = (response.headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const steps = encodings.toReversed().filter((name) => name !== '' && name !== 'identity');
  const unknown = steps.find((name) => decoders[name] === undefined);
  if (unknown !== undefined || steps.length > 2) {
    response.destroy();
    throw new PageError(url, `has the unsupported encoding ${JSON.stringify(encodings.join(', '))}`);
  }
  // Each step passes errors to the next one, and the loop below receives them from the last step.
  const body = steps.reduce<Readable>((source, name) => pipeline(source, decoders[name]!(), () => {}), response);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    // Leaving the loop destroys the response and stops the transfer.
    if (size > maxBytes) throw new PageError(url, `is larger than ${maxBytes.toLocaleString('en')} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function redirectTarget(url: string, from: URL, location: string): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (target === undefined) throw new PageError(url, 'redirects to a malformed URL');
  if (target.username !== '' || target.password !== '') throw new PageError(url, 'redirects to a URL with credentials');
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new PageError(url, `redirects to a URL with the protocol ${JSON.stringify(target.protocol)}`);
  }
  return target;
}
