/** Detects the encoding of a page: by its byte-order mark, its header, its HTML declaration or its zero bytes. */
import { TextDecoder } from 'node:util';

const declaredInHtml = /<meta\s[^>]*?charset\s*=\s*["']?\s*([\w:.-]+)/i;
const sniffedBytes = 1024;

/** In UTF-16, nearly every character of a Western script has a zero byte, always in the same half. */
const leastZeroShare = 0.4;

/** Decodes a body. The default encoding, also for unknown names, is UTF-8. Invalid bytes are replaced by U+FFFD. */
export function decodeBody(body: Uint8Array, contentType: string): string {
  const label = markOf(body) ?? charsetParameter(contentType) ?? charsetOfHtml(body) ?? utf16Of(body);
  return decoderFor(label).decode(body);
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
  // A document with a declaration in single bytes cannot be UTF-16. The HTML standard treats it as UTF-8.
  return declared?.toLowerCase().startsWith('utf-16') === true ? 'utf-8' : declared;
}

/** Recognizes UTF-16 that has neither a mark nor a declaration. */
function utf16Of(body: Uint8Array): string | undefined {
  const sample = body.subarray(0, sniffedBytes);
  const pairs = Math.floor(sample.length / 2);
  let even = 0;
  let odd = 0;
  for (let index = 0; index < pairs * 2; index += 2) {
    if (sample[index] === 0) even += 1;
    if (sample[index + 1] === 0) odd += 1;
  }
  const least = Math.max(1, pairs * leastZeroShare);
  if (odd >= least && even < odd / 4) return 'utf-16le';
  return even >= least && odd < even / 4 ? 'utf-16be' : undefined;
}

function decoderFor(label: string | undefined): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}
