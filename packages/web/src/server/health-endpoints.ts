/**
 * Responds to probes of the application's health before any middleware, so that neither a login nor a broken route hides
 * it. Decides nothing about health itself; the application reports it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthReport } from '@asphalt/core';
import { pathOf } from '../request/exchange.ts';

export type Probe = 'ready' | 'live';

export interface HealthOptions {
  /** The path of each endpoint; empty for none. */
  readonly ready: string;
  readonly live: string;
  /** Whether responses contain the checks, with their reasons. */
  readonly details: boolean;
}

export class HealthEndpoints {
  readonly #probes = new Map<string | undefined, Probe>();
  readonly #details: boolean;
  readonly #report: (probe: Probe) => Promise<HealthReport>;

  constructor({ ready, live, details }: HealthOptions, report: (probe: Probe) => Promise<HealthReport>) {
    if (live !== '') this.#probes.set(live, 'live');
    if (ready !== '') this.#probes.set(ready, 'ready');
    this.#details = details;
    this.#report = report;
  }

  /** The paths of the endpoints. */
  get paths(): string[] {
    return [...this.#probes.keys()].map(String);
  }

  /** The probe that a request is for; undefined for requests of the application. */
  probeOf(url: string | undefined): Probe | undefined {
    const probe = this.#probes.get(url);
    const hasOnlyPath = url?.startsWith('/') === true && !url.includes('?');
    return probe ?? (hasOnlyPath ? undefined : this.#probes.get(pathOf(url)));
  }

  /** @param isTrusted - whether the client may see details, if they are enabled */
  async respond(
    probe: Probe,
    { method }: IncomingMessage,
    outgoing: ServerResponse,
    isTrusted: boolean,
  ): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') {
      outgoing.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end();
      return;
    }
    const { status, checks } = await this.#report(probe);
    const body = JSON.stringify(this.#details && isTrusted ? { status, checks } : { status });
    outgoing.writeHead(status === 'down' ? 503 : 200, {
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    outgoing.end(method === 'HEAD' ? undefined : body);
  }
}
