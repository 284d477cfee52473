/**
 * Sends the mails of the outbox. Each mail is sent at least once. After a crash between sending and marking, it is sent
 * again with the same Message-ID. A failure that concerns the mail itself is final; all others are retried.
 */
import type { Logger } from '@asphalt/core';
import { MailDeliveryError, MailMessageError, type Mailer } from '@asphalt/mailer';
import { changeMail } from './change-mail.ts';
import { keepTrying } from './keep-trying.ts';
import type { Outbox, OutboxMail, PendingMail } from './outbox.ts';
import type { TextWork } from './text-work.ts';

export interface MailSenderSettings {
  readonly outbox: Outbox;
  readonly mailer: Mailer;
  readonly work: Pick<TextWork, 'diff'>;
  /** The least time between two mails about a page, in milliseconds, by the page's name. */
  readonly everyMs: ReadonlyMap<string, number>;
  readonly logger: Logger;
}

/** Time limit for {@link MailSender.flush} to start further mails. */
const flushMs = 4_000;
/** The longest pause between two attempts to read or write the outbox. */
const longestPauseMs = 5_000;

export class MailSender {
  readonly #settings: MailSenderSettings;

  constructor(settings: MailSenderSettings) {
    this.#settings = settings;
  }

  /** Sends each mail when it is due, until `abort` fires. */
  async run(abort: AbortSignal): Promise<void> {
    const { outbox, everyMs } = this.#settings;
    while (!abort.aborted) {
      const [next] = await this.#insist(() => outbox.pending(everyMs), abort);
      const now = Date.now();
      if (next !== undefined && next.dueAt <= now) await this.#send(next, abort);
      else await outbox.added.rung((next?.dueAt ?? Infinity) - now, abort);
    }
  }

  /** Sends the mails that only wait for their page's interval. Called when the application stops. */
  async flush(): Promise<void> {
    const { outbox, everyMs, logger } = this.#settings;
    const deadline = AbortSignal.timeout(flushMs);
    try {
      for (const pending of await outbox.pending(everyMs)) {
        if (deadline.aborted) break;
        if (pending.attempts === 0) await this.#send(pending, deadline);
      }
    } catch (error) {
      logger.warn('Waiting mails will be sent after the next start', { error });
    }
  }

  async #send({ id }: PendingMail, abort: AbortSignal): Promise<void> {
    const { outbox, mailer, work, logger } = this.#settings;
    const mail = await this.#insist(() => outbox.take(id, Date.now()), abort);
    if (mail === undefined) return;
    try {
      const { page, before, after, changes, at, messageId } = mail;
      const diff = await work.diff(before, after);
      await mailer.send(await changeMail({ page, diff, changes, at, messageId }));
    } catch (error) {
      await this.#insist(() => this.#fail(mail, error), abort);
      return;
    }
    await this.#insist(() => outbox.sent(mail, Date.now()), abort);
    if (mail.attempts > 1) logger.info(`The mail about ${mail.page.title} was sent`, { attempts: mail.attempts });
  }

  async #fail(mail: OutboxMail, error: unknown): Promise<void> {
    const { outbox, logger } = this.#settings;
    const { attempts, messageId, page } = mail;
    const reason = error instanceof Error ? error.message : String(error);
    const data = { messageId, attempts, error };
    if (isFinal(error)) {
      await outbox.failed(mail, reason, Date.now());
      logger.error(`The mail about ${page.title} cannot be sent`, data);
      return;
    }
    const nextTryMs = await outbox.postpone(mail, reason, Date.now());
    logger.warn(`Sending the mail about ${page.title} failed and is retried`, { ...data, nextTryMs });
  }

  /** Repeats work with the database, because another process may lock it for longer than a statement waits. */
  #insist<T>(work: () => Promise<T>, abort: AbortSignal): Promise<T> {
    const onFailure = (error: unknown): void => {
      this.#settings.logger.warn('Access to the mail outbox failed and is retried', { error });
    };
    return keepTrying(work, { abort, longestPauseMs, onFailure });
  }
}

/** Whether the server or the mailer will always refuse this mail. */
function isFinal(error: unknown): boolean {
  if (error instanceof MailMessageError) return true;
  // A problem with the login, the certificate or the folder can be fixed. The mail can then be sent.
  return (
    error instanceof MailDeliveryError &&
    !error.temporary &&
    (error.failure === 'addresses' || error.failure === 'message')
  );
}
