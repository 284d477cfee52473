/** Decides whether a failed connection can succeed later, and describes the failure without secrets. */
import { inspect } from 'node:util';

/** Whether a later attempt can succeed without a change of the configuration. */
export type FailureKind = 'permanent' | 'transient';

/** The server has presented a certificate that the client does not accept, or does not use TLS; or an option is wrong. */
const permanentCode =
  /CERT|SIGNATURE|CRL|HOSTNAME_MISMATCH|^(?:INVALID|PATH)_|^ERR_(?:TLS|SSL)|^EPROTO$|^ERR_CONNECT_OPTIONS$/;

/**
 * Classifies an error of the system, of TLS or of options. Problems of certificates and of options are permanent, all others
 * are transient: a server that is starting, or a network that is down, comes back.
 */
export function classify(error: unknown): FailureKind {
  return permanentCode.test(codeOf(error)) ? 'permanent' : 'transient';
}

/**
 * Returns whether a failure is permanent.
 *
 * @param own - the driver's classification, which decides before {@link classify}
 */
export function isPermanent(error: unknown, own: () => FailureKind | undefined): boolean {
  let kind: FailureKind | undefined;
  try {
    kind = own();
  } catch {
    // The error has an unexpected shape.
  }
  return (kind ?? classify(error)) === 'permanent';
}

const texts: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'unknown host',
  ETIMEDOUT: 'no response',
};

/** Describes a failure in one line. */
export function describeFailure(error: unknown, secrets: readonly string[]): string {
  const known = texts[codeOf(error)];
  if (known !== undefined) return known;
  const message = error instanceof Error ? error.message || error.name : String(error);
  return redact(message.split('\n', 1)[0]!, secrets);
}

/** Replaces secrets in a text. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((result, secret) => result.replaceAll(secret, '***'), text);
}

/** Returns an error that does not lead to a secret: the error itself, or its message without the secret. */
export function redactError(error: unknown, secrets: readonly string[]): unknown {
  const shown = inspect(error, { depth: 8, showHidden: true, maxStringLength: null, maxArrayLength: null });
  if (!secrets.some((secret) => shown.includes(secret))) return error;
  return new Error(describeFailure(error, secrets));
}

/** Returns the code of an error. A failed connection to several addresses has one error per address. */
function codeOf(error: unknown): string {
  const { code, errors, cause } = (error ?? {}) as { code?: unknown; errors?: readonly unknown[]; cause?: unknown };
  if (typeof code === 'string') return code;
  const [inner] = Array.isArray(errors) ? errors : [cause];
  return typeof inner === 'object' && inner !== null && inner !== error ? codeOf(inner) : '';
}
