/** The ids of requests, which connect log lines of a client, a proxy and this server. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Longer ids, and other characters, could break log lines or fill them. */
const acceptedId = /^[\w.:=+/-]{1,128}$/;

export class RequestIds {
  /** The header of requests and responses, in lower case. */
  readonly header: string;
  readonly #isTrusted: (incoming: IncomingMessage) => boolean;

  /** @param isTrusted - whether the sender of a request may choose its id */
  constructor(header: string, isTrusted: (incoming: IncomingMessage) => boolean) {
    this.header = header.toLowerCase();
    this.#isTrusted = isTrusted;
  }

  /** The id that a trusted sender has chosen, or a new one. */
  idOf(incoming: IncomingMessage): string {
    const { [this.header]: given } = incoming.headers;
    const isAccepted = typeof given === 'string' && acceptedId.test(given) && this.#isTrusted(incoming);
    return isAccepted ? given : newRequestId();
  }
}

export function newRequestId(): string {
  return randomUUID();
}
