/**
 * Delivers over SMTP, through nodemailer's connection pool.
 *
 * Connections are opened when messages come and closed when idle. The password lives in the pool's options alone,
 * behind a private field: neither an error nor an inspected mailer shows it.
 */
import type { ConnectionOptions } from 'node:tls';

import type { Mail, SMTPPoolOptions, SMTPPoolSentMessageInfo } from 'nodemailer';

import type { ComposedMail } from './compose-mail.ts';
import { MailDeliveryError, MailerConfigError } from './errors.ts';
import type { SentMail } from './mail-message.ts';
import { Mailer, type MailerSettings } from './mailer.ts';

/**
 * How a connection is secured:
 * - `implicit`: TLS from the first byte (port 465)
 * - `starttls`: the connection is upgraded to TLS, or nothing is sent (port 587)
 * - `optional`: upgraded if the server offers it, without a look at its certificate (port 25). Enough against
 *   those who only listen; who can alter the traffic can prevent it
 * - `off`: never
 */
export type SmtpTls = 'implicit' | 'starttls' | 'optional' | 'off';

export interface SmtpMailerSettings extends MailerSettings {
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
  /** How many connections may be open at a time; 5 if not said. */
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
  #pool: Promise<Mail<SMTPPoolSentMessageInfo, SMTPPoolOptions>> | undefined;

  /** @throws {@link MailerConfigError} when only one of `username` and `password` is there */
  constructor(settings: SmtpMailerSettings) {
    super(settings);
    const { host, username, password, timeoutMs = 30_000 } = settings;
    if ((username === undefined) !== (password === undefined))
      throw MailerConfigError.halfLogin(username === undefined);
    const { port, tls } = smtpDefaults(settings);
    this.server = `${host}:${port}`;
    this.tls = tls;
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
      maxConnections: settings.connections ?? 5,
      dnsTimeout: timeoutMs,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    };
  }

  protected override async deliver(mail: ComposedMail): Promise<SentMail> {
    const pool = await (this.#pool ??= this.#open());
    try {
      const sent = await pool.sendMail({
        envelope: { from: mail.sender, to: [...mail.recipients] },
        raw: mail.source,
      });
      return {
        messageId: mail.messageId,
        accepted: sent.accepted ?? [],
        rejected: sent.rejected ?? [],
        answer: sent.response,
      };
    } catch (cause) {
      throw MailDeliveryError.smtp(mail, this.server, cause);
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
