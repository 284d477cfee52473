/** `asphalt health URL`: queries the health endpoint of a running application. */
import { once } from 'node:events';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { AsphaltError, type HealthCheck, type HealthReport, type HealthStatus } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';
import { columns } from '../terminal/columns.ts';
import type { Output } from '../terminal/output.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';
import { componentText, json, type HealthFormat } from './format.ts';

export interface QueryOptions {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly format: HealthFormat;
  readonly stdout: Output;
}

interface Answer {
  readonly status: HealthStatus;
  /** The status of the response, such as `503 Service Unavailable`. */
  readonly http: string;
  /** Empty if the body is no health report. */
  readonly checks: readonly HealthCheck[];
}

/** Prints the answer. @returns the exit code: 0 if the application is up or degraded, otherwise 1 */
export async function queryHealth({ url, timeoutMs, format, stdout }: QueryOptions): Promise<number> {
  const answer = await query(url, timeoutMs);
  stdout.write(format === 'json' ? json(answer) : answerText(answer, stdout.paint));
  return answer.status === 'down' ? 1 : 0;
}

async function query(url: URL, timeoutMs: number): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await get(url, signal);
    const report = reportIn(await text(response));
    const { statusCode = 0, statusMessage = '' } = response;
    const isSuccess = statusCode >= 200 && statusCode < 300;
    return {
      status: isSuccess ? (report?.status ?? 'up') : 'down',
      http: `${statusCode} ${statusMessage}`.trimEnd(),
      checks: report?.checks ?? [],
    };
  } catch (error) {
    throw new HealthQueryError(url, signal.aborted ? timeoutMs : undefined, error);
  }
}

/** Sends a request. `fetch` of Node 20 never settles if the server closes the connection at once. */
async function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  const options = { signal, agent: false } as const;
  const sent = url.protocol === 'unix:' ? request({ ...socketOptions(url), ...options }) : request(url, options);
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

/** Returns the options of a request to a URL such as `unix:/run/shop.sock:/readyz`. */
function socketOptions({ pathname }: URL): RequestOptions {
  const [socketPath, path = '/readyz'] = decodeURIComponent(pathname).split(/:(?=\/)/);
  return { socketPath: socketPath!, path };
}

const statuses: readonly unknown[] = ['up', 'degraded', 'down'] satisfies HealthStatus[];

/** Returns the report in a body, which may have no checks; undefined if it contains none. */
function reportIn(body: string): HealthReport | undefined {
  try {
    const { status, checks = [] } = JSON.parse(body) as Partial<HealthReport>;
    const isReport = statuses.includes(status) && Array.isArray(checks) && checks.every(isCheck);
    return isReport ? { status: status!, checks } : undefined;
  } catch {
    return undefined;
  }
}

function isCheck(check: Partial<HealthCheck> | null): boolean {
  return typeof check?.component === 'string' && typeof check.tookMs === 'number' && statuses.includes(check.status);
}

const colors = { up: 'green', degraded: 'yellow', down: 'red' } as const;

function answerText({ status, http, checks }: Answer, paint: Paint): string {
  const rows = checks.map(({ component, member, tookMs, reason = '', ...check }) =>
    [
      check.status,
      componentText(component),
      member === undefined ? '' : `${cellText(member)}()`,
      member === undefined ? '' : `${tookMs} ms`,
      reason,
    ].map(cellText),
  );
  const lines = columns(rows).map((line, at) => `  ${paint(colors[checks[at]!.status], line)}`);
  return `${[paint(['bold', colors[status]], status) + printable(` (HTTP ${http})`), ...lines].join('\n')}\n`;
}

/** Returns a value of a report in one line. Only its component and its status are known to be text. */
function cellText(value: unknown): string {
  return printable(typeof value === 'string' ? value : JSON.stringify(value)).replace(/\s+/g, ' ');
}

/** Thrown if a URL returns no response. */
export class HealthQueryError extends AsphaltError {
  readonly code = 'ERR_HEALTH_QUERY';
  /** The URL without login and parameters. */
  readonly url: string;

  /** @param exceededMs - the time limit, if it has passed */
  constructor(url: URL, exceededMs: number | undefined, cause: unknown) {
    const place = url.protocol === 'unix:' ? `unix:${url.pathname}` : `${url.origin}${url.pathname}`;
    const { reason, help } = exceededMs === undefined ? faultOf(cause) : slow(exceededMs);
    super({ summary: `Cannot query ${place}: ${reason}`, help }, exceededMs === undefined ? { cause } : undefined);
    this.url = place;
  }
}

interface Fault {
  readonly reason: string;
  readonly help: string;
}

function slow(limitMs: number): Fault {
  return { reason: `no response within ${limitMs / 1000} s`, help: 'raise --timeout if the server is only slow' };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server listens there',
  ENOENT: 'the socket does not exist',
  ECONNRESET: 'the server closed the connection',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the name service does not respond',
};

function faultOf(error: unknown): Fault {
  const code = String((error as { readonly code?: unknown }).code);
  if (code.startsWith('HPE_')) {
    return { reason: 'the server does not speak HTTP', help: 'check the scheme and the port of the URL' };
  }
  const help = 'check the scheme, the host and the port of the URL, and that the application runs';
  return { reason: reasons[code] ?? describeThrown(error), help };
}
