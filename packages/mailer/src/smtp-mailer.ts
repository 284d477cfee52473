/**
 * Delivers over SMTP, through nodemailer's connection pool.
 *
 * Connections are opened when messages come and closed when idle. The password lives in the pool's options alone,
 * behind a private field: neither an error nor an inspected mailer shows it.
 */
import type { ConnectionOptions } from 'node:tls';

import type { Mail, NodemailerError, SMTPPoolOptions, SMTPPoolSentMessageInfo } from 'nodemailer';

import type { ComposedMail } from './compose-mail.ts';
import { MailDeliveryError, MailerConfigError } from './errors.ts';
import type { SentMail } from './mail-message.ts';
import { Mailer, type MailerSettings } from './mailer.ts';
import { checkCount, checkTime } from './settings.ts';
import { refusalsOf, smtpFailure } from './smtp-failure.ts';

/**
 * How a connection is secured:
 * - `implicit`: TLS from the first byte (port 465)
 * - `starttls`: the connection is upgraded to TLS, or nothing is sent (port 587)
 * - `optional`: upgraded if the server offers it, without a look at its certificate (port 25). Enough against
 *   those who only listen; who can alter the traffic can prevent it
 * - `off`: never
 */
export type SmtpTls = 'implicit' | 'starttls' | 'optional' | 'off';

export interface SmtpMailerSettings extends Omit<MailerSettings, 'concurrency'> {
  readonly host: string;
  /** See {@link smtpDefaults}. */
  readonly port?: number | undefined;
  /** See {@link smtpDefaults}. */
  readonly tls?: SmtpTls | undefined;
  /** Together with `password`: logs in before sending. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** How long to wait for a connection and for each of the server's answers, in milliseconds; 30,000 if not said. */
  readonly timeoutMs?: number | undefined;
  /** How many connections may be open, and messages composed, at a time; 5 by default. */
  readonly connections?: number | undefined;
  /** More about TLS, such as the certificate authorities to trust. */
  readonly tlsOptions?: ConnectionOptions | undefined;
}

/**
 * Derives the port and the kind of TLS that were not said from what was.
 *
 * A known port tells the kind of TLS (465 `implicit`, 587 `starttls`). Otherwise a login wants `starttls`, so that a
 * password never travels unprotected unless `tls` says so, and a server without one gets `optional`. The port
 * follows from the kind: 465, 587, or 25 for `optional` and `off`.
 */
export function smtpDefaults(said: Pick<SmtpMailerSettings, 'port' | 'tls' | 'username'>): {
  readonly port: number;
  readonly tls: SmtpTls;
} {
  const usual: Partial<Record<number, SmtpTls>> = { 465: 'implicit', 587: 'starttls' };
  const ports: Record<SmtpTls, number> = { implicit: 465, starttls: 587, optional: 25, off: 25 };
  const ofPort = said.port === undefined ? undefined : usual[said.port];
  const tls = said.tls ?? ofPort ?? (said.username === undefined ? 'optional' : 'starttls');
  return { port: said.port ?? ports[tls], tls };
}

/** Sends messages to a mail server, several at a time over connections that are used again. */
export class SmtpMailer extends Mailer {
  /** The server, as `host:port`. */
  readonly server: string;
  readonly tls: SmtpTls;
  readonly #options: SMTPPoolOptions & { pool: true };
  readonly #connections: number;
  #pool: Promise<Mail<SMTPPoolSentMessageInfo, SMTPPoolOptions>> | undefined;

  /**
   * @throws {@link MailerConfigError} when only one of `username` and `password` is present, or when a time limit or
   * `connections` is out of range
   */
  constructor(settings: SmtpMailerSettings) {
    const connections = checkCount('connections', settings.connections ?? 5);
    super({ ...settings, concurrency: connections });
    const { host, username, password } = settings;
    const timeoutMs = checkTime('timeout', settings.timeoutMs ?? 30_000, 1);
    if ((username === undefined) !== (password === undefined))
      throw MailerConfigError.halfLogin(username === undefined);
    const { port, tls } = smtpDefaults(settings);
    this.server = `${host}:${port}`;
    this.tls = tls;
    this.#connections = connections;
    this.#options = {
      pool: true,
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      opportunisticTLS: tls === 'optional',
      ignoreTLS: tls === 'off',
      tls: { ...(tls === 'optional' && { rejectUnauthorized: false }), ...settings.tlsOptions },
      auth: username === undefined ? undefined : { user: username, pass: password },
      maxConnections: connections,
      // A message is a stream, which nodemailer cannot send twice: `deliver` repeats an attempt with a new one.
      maxRequeues: 0,
      dnsTimeout: timeoutMs,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      // A connection to a server that no longer responds must not keep the process running.
      socketCloseTimeout: 1_000,
    };
  }

  protected override async deliver(mail: ComposedMail, signal: AbortSignal): Promise<SentMail> {
    const pool = await (this.#pool ??= this.#open());
    const envelope = { from: mail.sender, to: [...mail.recipients] };
    // Every attempt that may be repeated has used up one connection. The attempt after the last has a new one.
    for (let left = this.#connections; ; left--) {
      try {
        const sent = await pool.sendMail({ envelope, raw: mail.createReadStream(), signal });
        return {
          messageId: mail.messageId,
          accepted: sent.accepted ?? [],
          rejected: sent.rejected ?? [],
          refusals: refusalsOf(sent.rejectedErrors),
          answer: sent.response,
        };
      } catch (cause) {
        if (left > 0 && wasClosedBefore(cause) && !signal.aborted) continue;
        throw MailDeliveryError.smtp(mail, this.server, smtpFailure(cause), cause);
      }
    }
  }

  protected override async disconnect(): Promise<void> {
    (await this.#pool)?.close();
  }

  async #open(): Promise<Mail<SMTPPoolSentMessageInfo, SMTPPoolOptions>> {
    const { createTransport } = await import('nodemailer');
    return createTransport(this.#options);
  }
}

/**
 * Tests whether the server closed the connection before it received any of the message.
 *
 * nodemailer reports this for a connection that was used before, and for one that was closed before its greeting. The
 * error is its only one of the connection that names no command.
 */
function wasClosedBefore(cause: unknown): boolean {
  const { code, command } = cause as NodemailerError;
  return code === 'ECONNECTION' && command === undefined;
}
