import type { ComposedMail } from './compose-mail.ts';
import type { MailMessage, SentMail } from './mail-message.ts';
import { Mailer } from './mailer.ts';

/** Stores messages in memory, for tests. */
export class MemoryMailer extends Mailer {
  readonly #messages: MailMessage[] = [];

  /** The messages in the order of delivery, with the mailer's defaults filled in. */
  get messages(): readonly MailMessage[] {
    return this.#messages;
  }

  /** Removes all stored messages. */
  clear(): void {
    this.#messages.length = 0;
  }

  protected override async deliver(mail: ComposedMail): Promise<SentMail> {
    this.#messages.push(mail.message);
    return { messageId: mail.messageId, accepted: mail.recipients, rejected: [] };
  }
}
