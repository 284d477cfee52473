/**
 * Sends the mails of the outbox. Each mail is sent at least once: a crash between sending and marking sends it again,
 * with the same Message-ID. A failure that concerns the mail itself is final; everything else is tried again.
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

/** How long {@link MailSender.flush} starts new mails. */
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

  /** Sends the mails that wait only for their page's interval: the application stops, and the next start may be far. */
  async flush(): Promise<void> {
    const { outbox, everyMs, logger } = this.#settings;
    const deadline = AbortSignal.timeout(flushMs);
    try {
      for (const pending of await outbox.pending(everyMs)) {
        if (deadline.aborted) break;
        if (pending.attempts === 0) await this.#send(pending, deadline);
      }
    } catch (error) {
      logger.warn('Mails that wait are sent after the next start', { error });
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
    logger.warn(`The mail about ${page.title} was not sent and is tried again`, { ...data, nextTryMs });
  }

  /** Repeats work with the database; another process may lock it for longer than a statement waits. */
  #insist<T>(work: () => Promise<T>, abort: AbortSignal): Promise<T> {
    const onFailure = (error: unknown): void => {
      this.#settings.logger.warn('The outbox of mails cannot be used and is tried again', { error });
    };
    return keepTrying(work, { abort, longestPauseMs, onFailure });
  }
}

/** Whether the server or the mailer refuses this mail whenever it is sent. */
function isFinal(error: unknown): boolean {
  if (error instanceof MailMessageError) return true;
  // A login, a certificate or a folder can be put right; the mail then goes out.
  return (
    error instanceof MailDeliveryError &&
    !error.temporary &&
    (error.failure === 'addresses' || error.failure === 'message')
  );
}
