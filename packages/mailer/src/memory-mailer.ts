import type { ComposedMail } from './compose-mail.ts';
import type { MailMessage, SentMail } from './mail-message.ts';
import { Mailer } from './mailer.ts';

/** Keeps what is sent, for tests: nothing leaves the process. */
export class MemoryMailer extends Mailer {
  readonly #messages: MailMessage[] = [];

  /** What was sent, with the mailer's defaults filled in, in the order of delivery. */
  get messages(): readonly MailMessage[] {
    return this.#messages;
  }

  /** Forgets what was sent so far. */
  clear(): void {
    this.#messages.length = 0;
  }

  protected override async deliver(mail: ComposedMail): Promise<SentMail> {
    this.#messages.push(mail.message);
    return { messageId: mail.messageId, accepted: mail.recipients, rejected: [] };
  }
}
