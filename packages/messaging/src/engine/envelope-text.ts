/** Messages as data of JSON, readable where the payload is text. */
import { isUtf8 } from 'node:buffer';
import type { Envelope } from './engine.ts';

export interface StoredEnvelope {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
  /** Missing if the payload is text. */
  readonly encoding?: 'base64';
}

export function writeEnvelope({ id, headers, payload }: Envelope): StoredEnvelope {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return isUtf8(bytes)
    ? { id, headers, payload: bytes.toString('utf8') }
    : { id, headers, payload: bytes.toString('base64'), encoding: 'base64' };
}

export function readEnvelope({ id, headers, payload, encoding }: StoredEnvelope): Envelope {
  return { id, headers, payload: Buffer.from(payload, encoding ?? 'utf8') };
}
