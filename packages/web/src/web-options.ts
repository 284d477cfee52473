/** The options of the server. Their check also runs for `asphalt check`, so it must not look at the machine. */
import { isIPv6 } from 'node:net';

import { defineConfig, listOf } from '@asphalt/core';

import { hostnameOf } from './server/hosts.ts';

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

export const webOptions = defineConfig(
  {
    host: { doc: 'Address to listen on; 0.0.0.0 for all', format: 'string', default: '127.0.0.1' },
    port: { doc: 'Port to listen on; 0 for any that is free', format: 'port', default: 8000 },
    hosts: {
      doc: 'Host names that requests may use; by default any, but on a loopback address only localhost and its addresses',
      format: listOf('string'),
    },
    bodyLimit: { doc: 'Largest request body', format: 'bytes', default: '1MB' },
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
    overrideGlobals: {
      doc: 'Replace the global Request and Response by faster classes, for all code of the process',
      format: 'boolean',
      default: false,
    },
  },
  function* check({ host, hosts, bodyLimit, stallTimeout, requestId }) {
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
    if (bodyLimit < 1) {
      const help = 'raise it for single routes with the middleware bodyLimit()';
      yield { option: 'bodyLimit', message: 'must be at least 1 byte', help };
    }
    if (!/^[\w!#$%&'*+.^`|~-]*$/.test(requestId)) {
      yield { option: 'requestId', message: 'must be the name of a header', help: 'write a name such as x-request-id' };
    }
    if (stallTimeout < 1) yield { option: 'stallTimeout', message: 'must be at least 1 ms' };
  },
);

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
