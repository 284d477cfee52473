import { expect, test } from 'vitest';

import { SmtpMailer } from '../src/smtp-mailer.ts';

test.each([
  ['timeout', { timeoutMs: 0 }],
  ['timeout', { timeoutMs: 2 ** 31 }],
  ['timeout', { timeoutMs: Number.NaN }],
  ['drain', { drainMs: -1 }],
  ['drain', { drainMs: Number.POSITIVE_INFINITY }],
  ['connections', { connections: 0 }],
  ['connections', { connections: 1.5 }],
] as const)('a `%s` that cannot be kept is refused: %j', (option, settings) => {
  expect(() => new SmtpMailer({ host: 'mail.example.org', ...settings })).toThrow(expect.objectContaining({ option }));
});

test('the report of a time limit that cannot be kept names the limits', () => {
  expect(() => new SmtpMailer({ host: 'mail.example.org', timeoutMs: 2 ** 31 })).toThrowErrorMatchingInlineSnapshot(`
    [MailerConfigError: A mailer cannot use its \`timeout\`
      got          2147483648
      help         set \`timeout\` to at least 1 ms and at most 24 days
      code         ERR_MAIL_CONFIG]
  `);
});
