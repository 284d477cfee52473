import { providedBy, type Logger } from '@asphalt/core';

import { composeMail, withDefaults, type ComposedMail } from './compose-mail.ts';
import { MailDeliveryError } from './errors.ts';
import type { MailDefaults, MailMessage, SentMail } from './mail-message.ts';

export interface MailerSettings {
  /** Fills in what messages leave open, such as the sender. */
  readonly defaults?: MailDefaults | undefined;
  /** Hears of each delivery, and of recipients that were refused. */
  readonly logger?: Pick<Logger, 'debug' | 'warn'> | undefined;
}

/**
 * Sends mail; the key under which a mailer is shared.
 *
 * A backend extends it and says in {@link Mailer.deliver} how a finished message leaves; checking messages,
 * filling in defaults and waiting for running deliveries at the end are the same for all of them.
 */
@providedBy('MailerComponent of @asphalt/mailer')
export abstract class Mailer {
  readonly defaults: MailDefaults;
  readonly #logger: MailerSettings['logger'];
  readonly #sending = new Set<Promise<SentMail>>();
  #closed = false;

  constructor(settings: MailerSettings = {}) {
    this.defaults = settings.defaults ?? {};
    this.#logger = settings.logger;
  }

  /**
   * Delivers a message to the backend and tells what became of it.
   *
   * @returns once the server has taken responsibility for the message, or the file is complete. Look at
   * `rejected`: a server may take a message for some recipients only.
   * @throws {@link MailMessageError} when the message cannot be sent as it is; nothing was connected or written
   * @throws {@link MailDeliveryError} when nobody got it; `temporary` tells whether a later attempt may succeed
   */
  async send(message: MailMessage): Promise<SentMail> {
    const sending = this.#send(message);
    this.#sending.add(sending);
    // The caller gets another promise than `close` waits for, so that a failure that nobody handles stays unhandled.
    try {
      return await sending;
    } finally {
      this.#sending.delete(sending);
    }
  }

  /** Refuses further messages, waits until the running ones are delivered or failed, and lets go of the backend. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#sending);
    await this.disconnect();
  }

  /**
   * Delivers one complete message.
   *
   * @throws {@link MailDeliveryError} when no recipient will get it
   */
  protected abstract deliver(mail: ComposedMail): Promise<SentMail>;

  /** Lets go of what the backend holds; no delivery is running then. */
  protected disconnect(): void | Promise<void> {}

  async #send(message: MailMessage): Promise<SentMail> {
    const closed = this.#closed;
    const mail = await composeMail(withDefaults(message, this.defaults));
    if (closed) throw MailDeliveryError.closed(mail);
    const sent = await this.deliver(mail);
    const { messageId, rejected } = sent;
    this.#logger?.debug('Mail delivered', { messageId, recipients: sent.accepted.length });
    if (rejected.length > 0) this.#logger?.warn('Mail server refused some of the recipients', { messageId, rejected });
    return sent;
  }
}
