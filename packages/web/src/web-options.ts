/** The options of the server. Their check also runs for `asphalt check`, so it must not look at the machine. */
import { isIPv6 } from 'node:net';

import { defineConfig, listOf } from '@asphalt/core';
import type { OptionFault } from '@asphalt/core/config';

import { networksOf } from './request/proxies.ts';
import { hostnameOf } from './server/hosts.ts';

/** Headers that frame messages, or that browsers act upon. */
const reservedHeader =
  /^(?:connection|content-.*|cookie|date|expect|host|keep-alive|location|set-cookie|te|trailer|transfer-encoding|upgrade)$/i;

/** The longest path of a unix socket on macOS; Linux allows a few bytes more. */
const longestSocketPath = 103;

const defaults = { host: '127.0.0.1', port: 8000, proxyHeaders: 'x-forwarded' } as const;

const healthOptions = defineConfig(
  {
    ready: {
      doc: 'Path of the endpoint for balancers: whether the application is ready; empty for none',
      format: 'string',
      default: '/readyz',
    },
    live: {
      doc: 'Path of the endpoint for supervisors: whether the process can stay; empty for none',
      format: 'string',
      default: '/healthz',
    },
    port: { doc: 'Port of the endpoints; by default that of the server', format: 'port' },
    host: { doc: 'Address of the port of the endpoints; by default that of the server', format: 'string' },
    details: {
      doc: 'Whether responses contain the checks, with the reasons of failures',
      format: 'boolean',
      default: false,
    },
  },
  function* check({ ready, live, port, host }) {
    for (const [option, path] of Object.entries({ ready, live })) {
      if (path !== '' && /[^\x20-\x7e]/.test(path)) {
        yield { option, message: 'must consist of ASCII characters', help: `set it to ${encodeURI(path)}` };
        continue;
      }
      if (path === '' || /^\/[^?#\s]*$/.test(path)) continue;
      yield {
        option,
        message: 'must be a path without a query',
        help: `set it to /${path.replace(/^\/+|[?#\s].*$/g, '')}`,
      };
    }
    if (ready !== '' && ready === live) yield { option: 'live', message: 'must differ from `ready`' };
    if (host !== undefined && !isAddressOrName(host)) {
      yield { option: 'host', message: 'must be only an address or a host name', help: helpForHost(host) };
    } else if (host !== undefined && port === undefined) {
      yield { option: 'host', message: 'needs a `port` for the endpoints', help: 'set `health.port`' };
    }
  },
);

const tlsOptions = defineConfig({
  cert: {
    doc: 'File with the certificate and its intermediate ones, in the PEM format',
    format: 'path',
    required: true,
  },
  key: { doc: 'File with the private key of the certificate', format: 'path', required: true },
  ca: { doc: 'File with the authorities whose certificates clients must have; by default none', format: 'path' },
  passphrase: { doc: 'Passphrase of the key', format: 'string', sensitive: true },
});

export const webOptions = defineConfig(
  {
    host: { doc: 'Address to listen on; 0.0.0.0 for all', format: 'string', default: defaults.host },
    port: { doc: 'Port to listen on; 0 for any that is free', format: 'port', default: defaults.port },
    socket: { doc: 'Path of a unix socket to listen on, instead of `host` and `port`', format: 'path' },
    tls: { doc: 'Encrypts connections with a certificate, which is read again when it changes', format: tlsOptions },
    hosts: {
      doc: 'Host names that requests may use; by default any, but on a loopback address only localhost and its addresses',
      format: listOf('string'),
    },
    trustProxy: {
      doc: 'Proxies whose reports about clients count: addresses, networks such as 10.0.0.0/8, or loopback',
      format: listOf('string'),
      default: [],
    },
    proxyHeaders: {
      doc: 'Header fields in which proxies report: x-forwarded for X-Forwarded-*, or forwarded for Forwarded',
      format: ['x-forwarded', 'forwarded'],
      default: defaults.proxyHeaders,
    },
    bodyLimit: { doc: 'Largest request body', format: 'bytes', default: '1MB' },
    headerLimit: { doc: 'Largest head of a request: its target and its headers', format: 'bytes', default: '16KiB' },
    headersTimeout: {
      doc: 'Time for a client to send the head of a request, also to start the first one and to agree on TLS',
      format: 'duration',
      default: '10s',
    },
    requestTimeout: {
      doc: 'Time for a client to send a whole request. 0 means no limit',
      format: 'duration',
      default: '60s',
    },
    idleTimeout: {
      doc: 'Time after which a kept connection without requests is closed. 0 means no limit',
      format: 'duration',
      default: '65s',
    },
    maxConnections: {
      doc: 'Connections that may be open; further ones are refused. 0 means no limit',
      format: 'int',
      default: 10_000,
    },
    stallTimeout: {
      doc: 'Time for a client to accept data of a streamed response while its context is open; then it is cut off',
      format: 'duration',
      default: '4s',
    },
    health: { doc: 'Endpoints that report the health of the application', format: healthOptions, default: {} },
    drainDelay: {
      doc: 'Time at a stop in which the server still accepts requests but is not ready, so that balancers notice',
      format: 'duration',
      default: 0,
    },
    shutdownTimeout: {
      doc: 'Time limit for running requests when the server stops; then they are cut off. 0 means no limit',
      format: 'duration',
      default: '5s',
    },
    requestId: {
      doc: 'Header with the id of a request, in responses and in requests of trusted proxies; empty for none',
      format: 'string',
      default: 'x-request-id',
    },
    accessLog: { doc: 'Log a line per request, once its response was sent', format: 'boolean', default: false },
    errors: {
      doc: 'Responses to errors that the application does not respond to: text, or application/problem+json',
      format: ['text', 'problem'] as const,
      default: 'text',
    },
    overrideGlobals: {
      doc: 'Replace the global Request and Response by faster classes, for all code of the process',
      format: 'boolean',
      default: false,
    },
  },
  function* check(options) {
    const { host, hosts, trustProxy, bodyLimit, stallTimeout, requestId } = options;
    if (host === '') {
      // Node would listen on all addresses.
      yield { option: 'host', message: 'must not be empty', help: 'set it to 0.0.0.0 to listen on all addresses' };
    } else if (!isAddressOrName(host)) {
      const message = 'must be only an address or a host name';
      yield { option: 'host', message, help: helpForHost(host) };
    }
    if (hosts?.length === 0) {
      const help = 'list the names that clients use, such as example.org';
      yield { option: 'hosts', message: 'must name a host, or not be set', help };
    }
    for (const [index, name] of hosts?.entries() ?? []) {
      if (hostnameOf(name) !== undefined && !name.includes('*')) continue;
      const help = name.includes('*') ? 'list each name that clients use' : 'write a name such as example.org';
      yield { option: ['hosts', String(index)], message: 'must be a host name', help };
    }
    for (const [index, proxy] of trustProxy.entries()) {
      if (networksOf(proxy) !== undefined) continue;
      const message = 'must be an address, a network such as 10.0.0.0/8, or loopback';
      yield { option: ['trustProxy', String(index)], message };
    }
    if (bodyLimit < 1) {
      const help = 'raise it for single routes with the middleware bodyLimit()';
      yield { option: 'bodyLimit', message: 'must be at least 1 byte', help };
    }
    if (!/^[\w!#$%&'*+.^`|~-]*$/.test(requestId)) {
      yield { option: 'requestId', message: 'must be the name of a header', help: 'write a name such as x-request-id' };
    } else if (reservedHeader.test(requestId)) {
      const message = 'must not be a header with another meaning';
      yield { option: 'requestId', message, help: 'write a name such as x-request-id' };
    }
    if (stallTimeout < 1) yield { option: 'stallTimeout', message: 'must be at least 1 ms' };
    yield* limitFaults(options);
    yield* conflicts(options);
  },
);

interface Addresses {
  readonly host: string;
  readonly port: number;
  readonly socket: string | undefined;
  readonly tls: object | undefined;
  readonly trustProxy: readonly string[];
  readonly proxyHeaders: string;
  readonly health: { readonly host: string | undefined; readonly port: number | undefined };
}

/** Options that exclude each other. Those with their default value count as not set. */
function* conflicts({ host, port, socket, tls, health, ...proxies }: Addresses): Iterable<OptionFault> {
  if (socket !== undefined) {
    // Node would shorten it and listen on another path.
    if (Buffer.byteLength(socket) > longestSocketPath) {
      yield {
        option: 'socket',
        message: `must be at most ${longestSocketPath} bytes long`,
        help: 'use another folder',
      };
    }
    if (host !== defaults.host) yield { option: 'host', message: 'cannot be used with `socket`', help: 'remove one' };
    if (port !== defaults.port) yield { option: 'port', message: 'cannot be used with `socket`', help: 'remove one' };
    if (tls) {
      const help = 'let the proxy before the server encrypt connections';
      yield { option: 'tls', message: 'cannot be used with `socket`, which no other machine reaches', help };
    }
  } else if (health.port === port && port !== 0 && (health.host ?? host) === host) {
    yield { option: ['health', 'port'], message: 'must differ from `port`', help: 'remove it to share the port' };
  }
  if (proxies.proxyHeaders !== defaults.proxyHeaders && proxies.trustProxy.length === 0) {
    yield {
      option: 'proxyHeaders',
      message: 'needs `trustProxy`',
      help: 'set `trustProxy` to the addresses of the proxies',
    };
  }
}

interface Limits {
  readonly headerLimit: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly maxConnections: number;
}

function* limitFaults({ headerLimit, headersTimeout, requestTimeout, maxConnections }: Limits): Iterable<OptionFault> {
  if (headerLimit < 1024) yield { option: 'headerLimit', message: 'must be at least 1KiB' };
  if (headersTimeout < 1) {
    const help = 'without this limit, clients can hold connections for ever';
    yield { option: 'headersTimeout', message: 'must be at least 1 ms', help };
  }
  if (requestTimeout > 0 && requestTimeout < headersTimeout) {
    const help = 'the head is part of the request';
    yield { option: 'requestTimeout', message: 'must be at least `headersTimeout`', help };
  }
  if (maxConnections < 0) yield { option: 'maxConnections', message: 'must be at least 0' };
}

function isAddressOrName(host: string): boolean {
  return isIPv6(host) || /^[^\s/\\?#@:[\]]+$/.test(host);
}

/** Suggests the parts of a URL, or of a host with a port. */
function helpForHost(text: string): string | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  return `set \`host\` to ${hostname.replace(/^\[|\]$/g, '')}${port === '' ? '' : ` and \`port\` to ${port}`}`;
}
