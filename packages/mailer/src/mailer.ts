/**
 * The base class of all mail backends. It owns the defaults, the limit of concurrent deliveries and the drain of pending
 * mails. It must not depend on a backend.
 */
import { setImmediate } from 'node:timers/promises';

import { providedBy, type Logger } from '@asphalt/core';
import { tracePoint, type CallTrace } from '@asphalt/core/tracing';
import pLimit, { type LimitFunction } from 'p-limit';

import { composeMail, withDefaults, type ComposedMail } from './compose-mail.ts';
import { MailDeliveryError, UnsentMailError } from './errors.ts';
import type { MailAddress, MailDefaults, MailMessage, SentMail } from './mail-message.ts';
import { checkCount, checkTime } from './settings.ts';

export interface MailerSettings {
  /** Values for fields that messages do not set, such as the sender. */
  readonly defaults?: MailDefaults | undefined;
  /** Logs each delivery, refused recipients, and the mails that are pending when the mailer closes. */
  readonly logger?: Pick<Logger, 'debug' | 'warn'> | undefined;
  /** Number of messages that are composed and delivered at a time; 5 by default. The others wait. */
  readonly concurrency?: number | undefined;
  /** How long `close` waits for pending mails, in milliseconds; 5,000 by default. */
  readonly drainMs?: number | undefined;
}

const callPoint = tracePoint<CallTrace>('asphalt.call');

/** A pending call of `send`. */
interface Sending {
  readonly message: MailMessage;
  readonly recipients: readonly string[];
  readonly result: Promise<SentMail>;
  readonly stop: AbortController;
}

/**
 * Sends mail. Inject a mailer by this type.
 *
 * A backend extends this class and delivers one message in {@link Mailer.deliver}. The base class checks messages,
 * fills in defaults, limits the number of concurrent deliveries, and ends pending deliveries when it closes.
 */
@providedBy('MailerComponent of @asphalt/mailer')
export abstract class Mailer {
  readonly defaults: MailDefaults;
  readonly #logger: MailerSettings['logger'];
  readonly #limit: LimitFunction;
  readonly #drainMs: number;
  readonly #sending = new Set<Sending>();
  #closing: Promise<void> | undefined;

  /** @throws {@link MailerConfigError} when `concurrency` or `drainMs` is out of range */
  constructor(settings: MailerSettings = {}) {
    const { defaults = {}, logger, concurrency = 5, drainMs = 5_000 } = settings;
    this.defaults = defaults;
    this.#logger = logger;
    this.#limit = pLimit(checkCount('concurrency', concurrency));
    this.#drainMs = checkTime('drain', drainMs, 0);
  }

  /**
   * Delivers a message to the backend.
   *
   * A message waits while `concurrency` others are being delivered. It is composed when its delivery starts.
   *
   * @returns a promise that resolves when the server has accepted the message, or the file is complete. Check
   * `rejected`: a server may accept a message for some of its recipients only.
   * @throws {@link MailMessageError} when the message cannot be sent as it is
   * @throws {@link MailDeliveryError} when no recipient received it. If `temporary` is true, a later attempt may succeed
   */
  send(message: MailMessage): Promise<SentMail> {
    if (!callPoint.observed) return this.#sendOrStop(message);
    const call = { kind: 'mail', target: this.constructor.name, operation: 'send' };
    return callPoint.run(call, () => this.#sendOrStop(message));
  }

  async #sendOrStop(message: MailMessage): Promise<SentMail> {
    const filled = withDefaults(message, this.defaults);
    const recipients = givenRecipients(filled);
    if (this.#closing !== undefined) throw MailDeliveryError.ended({ message: filled, recipients }, 'closed');
    const stop = new AbortController();
    const stopped = new Promise<never>((_, reject) => {
      const onStop = (): void => reject(MailDeliveryError.ended({ message: filled, recipients }, 'stopped'));
      stop.signal.addEventListener('abort', onStop, { once: true });
    });
    const result = Promise.race([this.#send(filled, stop.signal), stopped]);
    const sending = { message: filled, recipients, result, stop };
    this.#sending.add(sending);
    // The caller receives its own promise. If the caller ignores a failure, it remains an unhandled rejection, although
    // `close` handles the rejection of `result`.
    try {
      return await result;
    } finally {
      this.#sending.delete(sending);
    }
  }

  /**
   * Refuses further messages and waits until the pending ones are delivered or failed. Aborts deliveries that take
   * longer than `drainMs`. Then releases the backend. Later calls return the same promise.
   *
   * @throws {@link UnsentMailError} when a pending mail was not delivered, for any reason. Its caller may have stopped
   * before the mailer and no longer handles the failure.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Delivers one message.
   *
   * @param signal - aborts when the mailer stops waiting for the delivery; the delivery must then end
   * @throws {@link MailDeliveryError} when no recipient receives it
   */
  protected abstract deliver(mail: ComposedMail, signal: AbortSignal): Promise<SentMail>;

  /** Releases the backend. Called after every delivery has ended or was aborted. */
  protected disconnect(): void | Promise<void> {}

  async #send(message: MailMessage, signal: AbortSignal): Promise<SentMail> {
    const mail = await composeMail(message);
    const sent = await this.#limit(() => this.#deliver(mail, signal));
    const { messageId, rejected } = sent;
    this.#logger?.debug('Mail delivered', { messageId, recipients: sent.accepted.length });
    if (rejected.length > 0) this.#logger?.warn('Mail server refused some of the recipients', { messageId, rejected });
    return sent;
  }

  async #deliver(mail: ComposedMail, signal: AbortSignal): Promise<SentMail> {
    signal.throwIfAborted();
    try {
      return await this.deliver(mail, signal);
    } catch (error) {
      throw mail.unreadable ?? error;
    }
  }

  async #close(): Promise<void> {
    const pending = [...this.#sending];
    if (pending.length > 0) {
      // The stop of the application can be cut off at any time, so log the mails before waiting.
      const mails = pending.map(({ message, recipients }) => ({ subject: message.subject, recipients }));
      this.#logger?.warn('Mails are still being sent while the mailer closes', { mails, drainMs: this.#drainMs });
    }
    const drain = setTimeout(() => pending.forEach(({ stop }) => stop.abort()), this.#drainMs);
    const results = await Promise.allSettled(pending.map(({ result }) => result));
    clearTimeout(drain);
    const [released] = await Promise.allSettled([(async () => this.disconnect())()]);
    // Unhandled rejections are reported in this turn, before the application has stopped.
    if (pending.length > 0) await setImmediate();
    const unsent = pending.flatMap(({ message, recipients }, index) => {
      const result = results[index]!;
      return result.status === 'rejected' ? [{ subject: message.subject, recipients, error: result.reason }] : [];
    });
    if (unsent.length > 0) throw new UnsentMailError(unsent);
    if (released.status === 'rejected') throw released.reason;
  }
}

/** Returns the recipients as they are written in the message. */
function givenRecipients({ to = [], cc = [], bcc = [] }: MailMessage): readonly string[] {
  return [to, cc, bcc].flat().map((given: MailAddress) => (typeof given === 'string' ? given : given.address));
}
