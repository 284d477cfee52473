/** The data of a message on the server: an envelope as JSON, which tools of NATS show as text. */
import type { PulledMessage } from '@asphalt/nats';
import { readEnvelope, writeEnvelope, type StoredEnvelope } from '../engine/envelope-text.ts';
import type { Claimed, Envelope } from '../engine/engine.ts';

export interface StoredMessage extends StoredEnvelope {
  readonly key?: string;
  /** The time before which no handler receives it, in milliseconds since 1970. */
  readonly due?: number;
}

/** A message that this process has claimed. */
export interface NatsMessage extends Claimed {
  readonly pulled: PulledMessage;
  readonly due: number;
}

export function storedMessage(envelope: Envelope, key: string | undefined, delayMs: number): StoredMessage {
  return {
    ...writeEnvelope(envelope),
    ...(key !== undefined && { key }),
    ...(delayMs > 0 && { due: Date.now() + delayMs }),
  };
}

/** Reads a delivery. A message of another program is a payload without headers, whose id is its place in the stream. */
export function readMessage(stream: string, pulled: PulledMessage): Omit<NatsMessage, 'attempt'> {
  const { message, sequence } = pulled;
  const stored = parse(message);
  if (!stored) return { pulled, id: `${stream}-${sequence}`, headers: {}, payload: message.data, due: 0 };
  return { ...readEnvelope(stored), pulled, due: stored.due ?? 0 };
}

function parse(message: PulledMessage['message']): StoredMessage | undefined {
  try {
    const data = message.json<Partial<StoredMessage> | null>();
    const isStored = typeof data?.id === 'string' && typeof data.payload === 'string' && data.headers !== undefined;
    // The tests above find what the type promises.
    return isStored ? (data as StoredMessage) : undefined;
  } catch {
    return undefined;
  }
}
