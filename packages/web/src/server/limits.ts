/** Limits that Node's server enforces: what a client may send before a handler runs, and for how long. */
import type { ServerOptions } from 'node:http';

export interface ServerLimits {
  /** The largest head of a request, in bytes. */
  readonly headerLimit: number;
  /** Times in milliseconds; 0 means no limit. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly idleTimeout: number;
  /** 0 means no limit. */
  readonly maxConnections: number;
}

/** The longest time between two checks of connections, in milliseconds. */
const longestCheck = 1000;

/** The longest time that a timer of Node can count. */
const maxTimerMs = 2 ** 31 - 1;

export function nodeOptions(limits: ServerLimits | undefined): ServerOptions {
  if (limits === undefined) return {};
  const { headerLimit } = limits;
  const [headersTimeout, requestTimeout, idleTimeout] = [
    timerMs(limits.headersTimeout),
    timerMs(limits.requestTimeout),
    timerMs(limits.idleTimeout),
  ];
  const shortest = Math.min(headersTimeout || longestCheck, requestTimeout || longestCheck);
  return {
    maxHeaderSize: headerLimit,
    headersTimeout,
    requestTimeout,
    keepAliveTimeout: idleTimeout,
    // Node looks for connections that exceed a time limit only this often.
    connectionsCheckingInterval: Math.min(Math.max(Math.floor(shortest / 2), 10), longestCheck),
  };
}

/** Node accepts whole milliseconds only. */
function timerMs(ms: number): number {
  return Math.min(Math.ceil(ms), maxTimerMs);
}
