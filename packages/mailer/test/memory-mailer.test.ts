import { expect, test } from 'vitest';

import { MailMessageError } from '../src/errors.ts';
import { MemoryMailer } from '../src/memory-mailer.ts';

test('the memory mailer stores sent messages with the defaults filled in', async () => {
  const mailer = new MemoryMailer({ defaults: { from: 'news@example.org' } });
  const sent = await mailer.send({ to: ['bob@example.org'], bcc: 'eve@example.org', subject: 'first' });
  await mailer.send({ to: 'bob@example.org', subject: 'second' });

  expect(sent).toEqual({
    messageId: expect.stringMatching(/^<.+@example\.org>$/),
    accepted: ['bob@example.org', 'eve@example.org'],
    rejected: [],
  });
  expect(mailer.messages).toMatchObject([
    { from: 'news@example.org', to: ['bob@example.org'], bcc: 'eve@example.org', subject: 'first' },
    { from: 'news@example.org', to: 'bob@example.org', subject: 'second' },
  ]);
});

test('the memory mailer rejects the same messages as the SMTP mailer', async () => {
  const mailer = new MemoryMailer();

  await expect(mailer.send({ to: 'bob@example.org' })).rejects.toThrow(MailMessageError);
  expect(mailer.messages).toEqual([]);
});

test('`clear` removes the stored messages', async () => {
  const mailer = new MemoryMailer();
  await mailer.send({ from: 'ada@example.org', to: 'bob@example.org' });
  mailer.clear();

  expect(mailer.messages).toEqual([]);
});
