import { expect, test } from 'vitest';

import type { ComposedMail } from '../src/compose-mail.ts';
import { MailDeliveryError, MailMessageError } from '../src/errors.ts';
import type { SentMail } from '../src/mail-message.ts';
import { Mailer } from '../src/mailer.ts';

const message = { from: 'ada@example.org', to: 'bob@example.org', subject: 'Engine' };

/** A backend whose deliveries end when the test says so. */
class HandMailer extends Mailer {
  readonly events: string[] = [];
  readonly #deliveries: { end: () => void; fail: (error: Error) => void }[] = [];
  #waiting: (() => void) | undefined;

  async delivery(): Promise<{ end: () => void; fail: (error: Error) => void }> {
    if (this.#deliveries.length === 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
    return this.#deliveries.shift()!;
  }

  protected override deliver({ message: { subject }, messageId, recipients }: ComposedMail): Promise<SentMail> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        this.events.push(`failed ${subject}`);
        reject(error);
      };
      const end = (): void => {
        this.events.push(`delivered ${subject}`);
        resolve({ messageId, accepted: recipients.slice(0, 1), rejected: recipients.slice(1), answer: '250 ok' });
      };
      this.#deliveries.push({ end, fail });
      this.#waiting?.();
    });
  }

  protected override disconnect(): void {
    this.events.push('disconnected');
  }
}

test('closing waits for messages that are being sent, then lets go of the backend', async () => {
  const mailer = new HandMailer();
  const first = mailer.send({ ...message, subject: 'first' });
  const second = mailer.send({ ...message, subject: 'second' });
  const closed = mailer.close().then(() => mailer.events.push('closed'));
  (await mailer.delivery()).end();
  (await mailer.delivery()).fail(new Error('server is gone'));

  await expect(first).resolves.toMatchObject({ answer: '250 ok' });
  await expect(second).rejects.toThrow('server is gone');
  await closed;
  expect(mailer.events).toEqual(['delivered first', 'failed second', 'disconnected', 'closed']);
});

test('a closed mailer refuses messages', async () => {
  const mailer = new HandMailer();
  await mailer.close();
  const error: unknown = await mailer.send(message).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(MailDeliveryError);
  expect(error).toMatchObject({ failure: 'closed', temporary: false, recipients: ['bob@example.org'] });
  expect((error as Error).message).toMatchInlineSnapshot(`
    "A mail was not delivered: the mailer is closed
      mail         "Engine"
      recipients   bob@example.org
      help         send mail only while the application runs
      code         ERR_MAIL_DELIVERY"
  `);
});

test('a message that cannot be sent never reaches the backend', async () => {
  const mailer = new HandMailer();

  await expect(mailer.send({ to: 'bob@example.org' })).rejects.toThrow(MailMessageError);
  await expect(mailer.send({ from: 'ada@example.org' })).rejects.toThrow(MailMessageError);
  await mailer.close();
  expect(mailer.events).toEqual(['disconnected']);
});

test('recipients that were refused are logged as a warning', async () => {
  const lines: unknown[] = [];
  const logger = {
    debug: (text: string, data?: object) => lines.push(['debug', text, data]),
    warn: (text: string, data?: object) => lines.push(['warn', text, data]),
  };
  const mailer = new HandMailer({ logger });
  const sending = mailer.send({ ...message, to: ['bob@example.org', 'dan@example.org'] });
  (await mailer.delivery()).end();
  const { messageId } = await sending;

  expect(lines).toEqual([
    ['debug', 'Mail delivered', { messageId, recipients: 1 }],
    ['warn', 'Mail server refused some of the recipients', { messageId, rejected: ['dan@example.org'] }],
  ]);
});
