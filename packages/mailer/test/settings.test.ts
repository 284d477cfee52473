import { expect, test } from 'vitest';

import { SmtpMailer } from '../src/smtp-mailer.ts';

test.each([
  ['timeout', { timeoutMs: 0 }],
  ['timeout', { timeoutMs: Number.NaN }],
  ['drain', { drainMs: -1 }],
  ['drain', { drainMs: Number.NaN }],
  ['connections', { connections: 0 }],
  ['connections', { connections: 1.5 }],
] as const)('a `%s` out of range is rejected: %j', (option, settings) => {
  expect(() => new SmtpMailer({ host: 'mail.example.org', ...settings })).toThrow(expect.objectContaining({ option }));
});

test('the error for a time limit out of range names the range', () => {
  expect(() => new SmtpMailer({ host: 'mail.example.org', timeoutMs: 0 })).toThrowErrorMatchingInlineSnapshot(`
    [MailerConfigError: \`timeout\` of a mailer is out of range
      got          0
      help         set \`timeout\` to at least 1 ms
      code         ERR_MAIL_CONFIG]
  `);
});
