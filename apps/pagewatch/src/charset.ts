/** Finds out in which encoding a page is written: by its byte-order mark, its header, or what HTML says of itself. */
import { TextDecoder } from 'node:util';

const declaredInHtml = /<meta\s[^>]*?charset\s*=\s*["']?\s*([\w:.-]+)/i;
const sniffedBytes = 1024;

/**
 * Decodes a body. What nobody declares, and what is declared under a name that nobody knows, is taken for UTF-8;
 * bytes that do not fit become U+FFFD.
 */
export function decodeBody(body: Uint8Array, contentType: string): string {
  return decoderFor(markOf(body) ?? charsetParameter(contentType) ?? charsetOfHtml(body)).decode(body);
}

function markOf(body: Uint8Array): string | undefined {
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 'utf-8' : undefined;
}

function charsetParameter(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1];
}

function charsetOfHtml(body: Uint8Array): string | undefined {
  const declared = declaredInHtml.exec(Buffer.from(body.subarray(0, sniffedBytes)).toString('latin1'))?.[1];
  // A declaration that could be read byte by byte cannot be in UTF-16: HTML takes it for UTF-8.
  return declared?.toLowerCase().startsWith('utf-16') === true ? 'utf-8' : declared;
}

function decoderFor(label: string | undefined): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}
