/** The functions that `TextWork` runs in threads. */
import { decodeBody } from './charset.ts';
import { readableText } from './readable-text.ts';

export { diffTexts } from './diff.ts';

/** Decodes a body and returns its readable text. */
export function readBody(body: Uint8Array, contentType: string): string {
  return readableText(decodeBody(body, contentType), mediaTypeOf(contentType));
}

/** The media type of a `Content-Type` header, without its parameters. */
export function mediaTypeOf(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase();
}
