/** The ids of requests, which connect log lines of a client, a proxy and this server. */
import { randomUUID } from 'node:crypto';
import type { LimitedMessage } from './body-limit.ts';

/** Longer ids, and other characters, could break log lines or fill them. */
const acceptedId = /^[\w.:=+/-]{1,128}$/;

export class RequestIds {
  /** The header of requests and responses, in lower case. */
  readonly header: string;

  constructor(header: string) {
    this.header = header.toLowerCase();
  }

  /** The id that a trusted proxy has chosen, or a new one. */
  idOf({ headers, origin }: LimitedMessage): string {
    const { [this.header]: given } = headers;
    const isAccepted = origin?.isProxied === true && typeof given === 'string' && acceptedId.test(given);
    return isAccepted ? given : newRequestId();
  }
}

export function newRequestId(): string {
  return randomUUID();
}
