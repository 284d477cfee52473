/**
 * Classifies nodemailer's report about a delivery: what failed, whether a later attempt may succeed, and which
 * recipients the server refused.
 *
 * The server's reply decides where one exists: 4xx is temporary, 5xx is permanent. Without a reply, connection
 * problems are temporary and certificates are permanent.
 */
import type { NodemailerError } from 'nodemailer';

import type { DeliveryFailure, FailedDelivery } from './errors.ts';
import type { RefusedRecipient } from './mail-message.ts';

/** The part of a failed delivery that is derived from nodemailer's error. */
type SmtpFailure = Pick<FailedDelivery, 'failure' | 'answer' | 'temporary' | 'refusals'>;

/** Problems of the connection that can also occur during a TLS handshake. */
const connectionCodes = /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;

const tlsCodes = /CERT|SIGNATURE|CRL|HOSTNAME_MISMATCH|^(INVALID|PATH)_|^ERR_(TLS|SSL)|^EPROTO$/;

export function smtpFailure(cause: unknown): SmtpFailure {
  const { response: answer, permanent, code, originalCode = '', rejectedErrors, message } = cause as NodemailerError;
  const failure = failureOf(code, originalCode);
  const refusals = refusalsOf(rejectedErrors);
  if (answer !== undefined) return { failure, answer, temporary: permanent === false, refusals };
  // A connection that the server closes during the handshake has no code of its own.
  const closed = originalCode === '' && /^Connection closed/.test(message);
  const brokenHandshake = failure === 'tls' && (closed || connectionCodes.test(originalCode));
  const temporary = failure === 'connection' || failure === 'timeout' || brokenHandshake;
  return { failure, answer, temporary, refusals };
}

export function refusalsOf(errors: readonly NodemailerError[] | undefined): readonly RefusedRecipient[] {
  return (errors ?? []).flatMap(({ recipient, response, permanent }) =>
    recipient === undefined ? [] : [{ recipient, answer: response ?? '', temporary: permanent === false }],
  );
}

function failureOf(code = '', originalCode: string): DeliveryFailure {
  // An untrusted certificate and a handshake with a server that does not use TLS are reported as socket errors. Only
  // `originalCode`, the code of TLS or of the system, distinguishes them.
  if (code === 'ETLS' || tlsCodes.test(originalCode)) return 'tls';
  if (/AUTH/.test(code)) return 'login';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (code === 'EENVELOPE') return 'addresses';
  if (code === 'EMESSAGE') return 'message';
  return 'connection';
}
