import { setImmediate } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { ComposedMail } from '../src/compose-mail.ts';
import { MailDeliveryError, MailMessageError, MailerConfigError, UnsentMailError } from '../src/errors.ts';
import type { SentMail } from '../src/mail-message.ts';
import { Mailer } from '../src/mailer.ts';

const message = { from: 'ada@example.org', to: 'bob@example.org', subject: 'Engine' };

/** A backend whose deliveries the test ends manually. */
class HandMailer extends Mailer {
  readonly events: string[] = [];
  /** The highest number of concurrent deliveries. */
  most = 0;
  #running = 0;
  readonly #deliveries: { end: () => void; fail: (error: Error) => void }[] = [];
  #waiting: (() => void) | undefined;

  async delivery(): Promise<{ end: () => void; fail: (error: Error) => void }> {
    if (this.#deliveries.length === 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
    return this.#deliveries.shift()!;
  }

  protected override deliver({ message: { subject }, messageId, recipients }: ComposedMail): Promise<SentMail> {
    this.most = Math.max(this.most, ++this.#running);
    return new Promise<SentMail>((resolve, reject) => {
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
    }).finally(() => this.#running--);
  }

  protected override disconnect(): void {
    this.events.push('disconnected');
  }
}

test('closing waits for pending messages, then releases the backend', async () => {
  const mailer = new HandMailer();
  const first = mailer.send({ ...message, subject: 'first' });
  const second = mailer.send({ ...message, subject: 'second' });
  const closed = mailer
    .close()
    .catch((error: unknown) => mailer.events.push(String((error as UnsentMailError).summary)));
  (await mailer.delivery()).end();
  (await mailer.delivery()).fail(new Error('server is gone'));

  await expect(first).resolves.toMatchObject({ answer: '250 ok' });
  await expect(second).rejects.toThrow('server is gone');
  await closed;
  expect(mailer.events).toEqual([
    'delivered first',
    'failed second',
    'disconnected',
    '1 mail was not sent before the mailer closed',
  ]);
});

test('closing reports unsent mails even if the backend cannot be released', async () => {
  class BrokenMailer extends HandMailer {
    protected override disconnect(): void {
      throw new Error('nothing to release');
    }
  }
  const busy = new BrokenMailer({ drainMs: 0 });
  const sending = busy.send(message).catch(() => undefined);

  await expect(busy.close()).rejects.toThrow(UnsentMailError);
  await expect(new BrokenMailer().close()).rejects.toThrow('nothing to release');
  await sending;
});

test('a closed mailer refuses messages', async () => {
  const mailer = new HandMailer();
  await mailer.close();
  const error: unknown = await mailer.send(message).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(MailDeliveryError);
  expect(error).toMatchObject({ failure: 'closed', temporary: true, recipients: ['bob@example.org'] });
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

test('a mailer delivers `concurrency` messages at a time, in the order of sending', async () => {
  const mailer = new HandMailer({ concurrency: 2 });
  const sending = [1, 2, 3, 4].map((n) => mailer.send({ ...message, subject: `mail ${n}` }));
  const [first, second] = [await mailer.delivery(), await mailer.delivery()];
  // Enough turns of the event loop for the other messages to be composed.
  for (let turn = 0; turn < 100; turn++) await setImmediate();
  second.end();
  const third = await mailer.delivery();
  third.end();
  const fourth = await mailer.delivery();
  first.end();
  fourth.end();
  await Promise.all(sending);

  expect(mailer.events).toEqual(['delivered mail 2', 'delivered mail 3', 'delivered mail 1', 'delivered mail 4']);
  expect(mailer.most).toBe(2);
});

test('a `concurrency` of 0 is rejected', () => {
  expect(() => new HandMailer({ concurrency: 0 })).toThrow(MailerConfigError);
});

test('a mailer logs refused recipients as a warning', async () => {
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
