/** The payloads of caches and messages. */
import { providedBy } from '@asphalt/core';
import { PayloadError } from './errors.ts';

/** Converts values to bytes and back. */
@providedBy('the component of a serializer, or a provider of your own')
export abstract class Serializer {
  /** The media type of the payloads, such as `application/json`. */
  abstract readonly mediaType: string;

  /** @throws {@link PayloadError} when the format cannot represent the value */
  abstract serialize(value: unknown): Uint8Array;

  /** @throws {@link PayloadError} when the payload is not valid */
  abstract deserialize(payload: Uint8Array): unknown;
}

/** Writes values as JSON. */
export class JsonSerializer extends Serializer {
  readonly mediaType = 'application/json';

  override serialize(value: unknown): Uint8Array {
    const text = written(value);
    if (text === undefined) throw new PayloadError('write', 'JSON', typeof value);
    return Buffer.from(text);
  }

  override deserialize(payload: Uint8Array): unknown {
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    } catch {
      // The messages of `JSON.parse` quote the text.
      throw new PayloadError('read', 'JSON', `${payload.byteLength} bytes`);
    }
  }
}

function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new PayloadError('write', 'JSON', (error as Error).message.split('\n', 1)[0]!);
  }
}
