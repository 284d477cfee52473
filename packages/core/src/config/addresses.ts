/**
 * Validates URLs and email addresses. The URL parser repairs its input, so a text that it accepts is not always a URL for
 * other programs.
 */

/** The URL standard reads `localhost:8000` as a URL with the scheme "localhost", which is never intended. */
const hostAndPort = /^[\w.-]+:\d+(?:[/?#]|$)/;
const hostName = /^(?:localhost|[\w-]+(?:\.[\w-]+)+)(?:[/?#]|$)/i;
/** A single letter as scheme is the drive of a Windows path. */
const drive = /^[a-z]:/i;
/** The parser completes `http:example.org`, and replaces backslashes. */
const webAddress = /^(?:https?|wss?|ftp):\/\/[^/\\][^\\]*$/i;
const webScheme = /^(?:https?|wss?|ftp):/i;
/** The parser removes line breaks and tabs, and spaces at both ends. */
const blank = /[\s\p{Cc}]/u;

/** Returns whether a text is an absolute URL as it is written. */
export function isUrl(text: string): boolean {
  if (blank.test(text) || hostAndPort.test(text) || drive.test(text)) return false;
  return URL.canParse(text) && (webScheme.test(text) ? webAddress.test(text) : /^[^:]+:./.test(text));
}

/** Returns how to correct a text that is not a URL. */
export function urlHelp(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (blank.test(value)) return 'remove the white space, or write a space as %20';
  if (drive.test(value)) return 'write a path as a file URL, such as "file:///C:/data"';
  return hostAndPort.test(value) || hostName.test(value) ? 'add the scheme, such as https://' : undefined;
}

const atom = String.raw`[^\s\p{Cc}@<>"(),;:\\[\].]+`;
const label = String.raw`(?!-)[\p{L}\p{M}\p{N}_-]{1,63}(?<!-)`;
const address = new RegExp(String.raw`^(?=.{1,64}@)${atom}(?:\.${atom})*@${label}(?:\.${label})*$`, 'u');

/** Returns whether a text is one email address. Quoted names (`"a b"@c.de`) are rejected, as in HTML forms. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && address.test(text);
}

/** Returns how to correct a text that is not an email address. */
export function emailHelp(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const [, bare = ''] = /<([^<>]*)>/.exec(value) ?? [];
  return isEmail(bare) ? 'write only the address, without a name and brackets' : undefined;
}
