/**
 * Delivers mail over SMTP, through nodemailer's connection pool.
 *
 * The pool opens connections for messages and closes idle ones. Only the pool's options contain the password, in a
 * private field: neither an error nor an inspected mailer shows it.
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
 * The TLS mode of a connection:
 * - `implicit`: TLS from the first byte (port 465)
 * - `starttls`: the connection is upgraded to TLS, or nothing is sent (port 587)
 * - `optional`: the connection is upgraded if the server offers it; its certificate is not verified (port 25). This
 *   protects against passive listeners. An attacker who can change the traffic can prevent the upgrade.
 * - `off`: no TLS
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
  /** Time limit for connecting and for each reply of the server, in milliseconds; 30,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** Number of connections that may be open, and of messages composed, at a time; 5 by default. */
  readonly connections?: number | undefined;
  /** Further TLS options, such as the certificate authorities to trust. */
  readonly tlsOptions?: ConnectionOptions | undefined;
}

/**
 * Derives missing values of `port` and `tls` from the other settings.
 *
 * A known port determines the TLS mode (465 `implicit`, 587 `starttls`). Otherwise the mode is `starttls` with a
 * login, so that a password is never sent unencrypted unless `tls` allows it, and `optional` without a login. The port
 * follows from the mode: 465, 587, or 25 for `optional` and `off`.
 */
export function smtpDefaults(settings: Pick<SmtpMailerSettings, 'port' | 'tls' | 'username'>): {
  readonly port: number;
  readonly tls: SmtpTls;
} {
  const usual: Partial<Record<number, SmtpTls>> = { 465: 'implicit', 587: 'starttls' };
  const ports: Record<SmtpTls, number> = { implicit: 465, starttls: 587, optional: 25, off: 25 };
  const ofPort = settings.port === undefined ? undefined : usual[settings.port];
  const tls = settings.tls ?? ofPort ?? (settings.username === undefined ? 'optional' : 'starttls');
  return { port: settings.port ?? ports[tls], tls };
}

/** Sends messages to a mail server, several at a time over reused connections. */
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
      // nodemailer cannot send a stream twice: `deliver` repeats an attempt with a new stream.
      maxRequeues: 0,
      dnsTimeout: timeoutMs,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      // An unresponsive server must not keep the process running.
      socketCloseTimeout: 1_000,
    };
  }

  protected override async deliver(mail: ComposedMail, signal: AbortSignal): Promise<SentMail> {
    const pool = await (this.#pool ??= this.#open());
    const envelope = { from: mail.sender, to: [...mail.recipients] };
    // Each repeated attempt has consumed one pooled connection, so the attempt after the last uses a new one.
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
 * nodemailer reports this for a reused connection, and for one that was closed before its greeting. Only this
 * connection error names no command.
 */
function wasClosedBefore(cause: unknown): boolean {
  const { code, command } = cause as NodemailerError;
  return code === 'ECONNECTION' && command === undefined;
}
