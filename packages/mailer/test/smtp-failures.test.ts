import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorOf, tempFolder } from '@asphalt/test-support';

import { describe, expect, onTestFinished, test } from 'vitest';

import { MailDeliveryError, MailMessageError } from '../src/errors.ts';
import { SmtpMailer, type SmtpMailerSettings } from '../src/smtp-mailer.ts';
import { close, hang, reset, startScriptedServer, type Phase, type Script } from './scripted-server.ts';

const message = { from: 'ada@example.org', to: 'bob@example.org', subject: 'Engine', text: 'It runs.' };
const three = { ...message, to: ['bob@example.org', 'dan@example.org', 'eve@example.org'] };

async function mailerWith(script: Script, settings: Partial<SmtpMailerSettings> = {}) {
  const server = await startScriptedServer(script);
  const { host, port } = server;
  const mailer = new SmtpMailer({ host, port, tls: 'off', timeoutMs: 5_000, ...settings });
  onTestFinished(() => mailer.close());
  return { server, mailer };
}

/** Adds an extension to the reply to EHLO. */
function offering(extension: string, script: Script): Script {
  return (phase, argument, connection) =>
    script(phase, argument, connection) ?? (phase === 'EHLO' ? `250-mail.test\r\n250 ${extension}` : undefined);
}

describe("the server's reply decides whether a failure is temporary", () => {
  test.each<[phase: Phase, reply: string, failure: string, temporary: boolean]>([
    ['greeting', '421 too busy', 'connection', true],
    ['greeting', '554 no mail here', 'connection', false],
    ['MAIL', '451 try again later', 'addresses', true],
    ['MAIL', '421 closing', 'addresses', true],
    ['MAIL', '550 unknown sender', 'addresses', false],
    ['RCPT', '452 mailbox full', 'addresses', true],
    ['RCPT', '550 no such user', 'addresses', false],
    ['DATA', '451 try again later', 'addresses', true],
    ['DATA', '554 no valid recipients', 'addresses', false],
    ['message', '452 disk full', 'message', true],
    ['message', '552 too large', 'message', false],
  ])('to %s: %s', async (failing, reply, expected, temporary) => {
    const { mailer } = await mailerWith((phase) => (phase === failing ? reply : undefined));

    expect(await errorOf(mailer.send(message), MailDeliveryError)).toMatchObject({
      failure: expected,
      temporary,
      answer: reply,
    });
  });

  test.each([
    ['454 out of order', true],
    ['535 wrong password', false],
  ])('to AUTH: %s', async (reply, temporary) => {
    const script = offering('AUTH PLAIN', (phase) => (phase === 'AUTH' ? reply : undefined));
    const { mailer } = await mailerWith(script, { username: 'ada', password: 'hunter2 of numbers' });

    expect(await errorOf(mailer.send(message), MailDeliveryError)).toMatchObject({
      failure: 'login',
      temporary,
      answer: reply,
    });
  });

  test.each([
    ['454 out of order', true],
    ['502 not here', false],
  ])('to STARTTLS: %s', async (reply, temporary) => {
    const script = offering('STARTTLS', (phase) => (phase === 'STARTTLS' ? reply : undefined));
    const { mailer } = await mailerWith(script, { tls: 'starttls' });

    expect(await errorOf(mailer.send(message), MailDeliveryError)).toMatchObject({
      failure: 'tls',
      temporary,
      answer: reply,
    });
  });
});

describe('a failed connection is a temporary failure', () => {
  const broken = (['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'body', 'message'] as const).flatMap((phase) => [
    [phase, 'reset', reset] as const,
    [phase, 'closed', close] as const,
  ]);

  test.each(broken)('at %s, %s', async (failing, _, reaction) => {
    const { mailer } = await mailerWith((phase) => (phase === failing ? reaction : undefined));

    expect(await errorOf(mailer.send(message), MailDeliveryError)).toMatchObject({
      failure: 'connection',
      temporary: true,
      answer: undefined,
    });
  });

  test.each([
    ['reset', reset],
    ['closed', close],
  ])('during STARTTLS, %s', async (_, reaction) => {
    const script = offering('STARTTLS', (phase) => (phase === 'STARTTLS' ? reaction : undefined));
    const { mailer } = await mailerWith(script, { tls: 'starttls' });

    expect(await errorOf(mailer.send(message), MailDeliveryError)).toMatchObject({
      temporary: true,
      answer: undefined,
    });
  });

  test.each(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'body', 'message'] as const)(
    'at %s, without a reply',
    async (failing) => {
      const script: Script = (phase) => (phase === failing ? hang : undefined);
      const { mailer } = await mailerWith(script, { timeoutMs: 100 });

      expect(await errorOf(mailer.send(message), MailDeliveryError)).toMatchObject({
        failure: 'timeout',
        temporary: true,
      });
    },
  );

  test('during the TLS handshake, without a reply', async () => {
    const script = offering('STARTTLS', (phase) =>
      phase === 'STARTTLS' ? { reply: '220 go ahead', ...hang } : undefined,
    );
    const { mailer } = await mailerWith(script, { tls: 'starttls', timeoutMs: 100 });

    expect(await errorOf(mailer.send(message), MailDeliveryError)).toMatchObject({
      failure: 'timeout',
      temporary: true,
    });
  });

  test('in the middle of a large message, when the server stops reading', async () => {
    let lines = 0;
    const script: Script = (phase) => (phase === 'body' && ++lines === 1_000 ? hang : undefined);
    const { mailer } = await mailerWith(script, { timeoutMs: 100 });
    const attachments = [{ filename: 'large.bin', content: Buffer.alloc(20_000_000) }];

    expect(await errorOf(mailer.send({ ...message, attachments }), MailDeliveryError)).toMatchObject({
      failure: 'timeout',
      temporary: true,
    });
  });
});

describe('individually refused recipients', () => {
  const replies = { dan: '452 mailbox full', eve: '550 no such user' };
  const full = { recipient: 'dan@example.org', answer: replies.dan, temporary: true };
  const unknown = { recipient: 'eve@example.org', answer: replies.eve, temporary: false };
  const refusing: Script = (phase, argument) =>
    phase !== 'RCPT'
      ? undefined
      : argument.includes('dan@')
        ? replies.dan
        : argument.includes('eve@')
          ? replies.eve
          : undefined;

  test.each(['', 'PIPELINING'])('are listed in `refusals` with reply and `temporary` %s', async (extension) => {
    const { mailer } = await mailerWith(extension === '' ? refusing : offering(extension, refusing));

    expect(await mailer.send(three)).toMatchObject({
      accepted: ['bob@example.org'],
      rejected: ['dan@example.org', 'eve@example.org'],
      refusals: [full, unknown],
    });
  });

  test('fail the delivery if all are refused, temporarily if the server may accept one of them later', async () => {
    const { mailer } = await mailerWith(refusing);

    expect(await errorOf(mailer.send({ ...message, to: three.to.slice(1) }), MailDeliveryError)).toMatchObject({
      failure: 'addresses',
      temporary: true,
      refusals: [full, unknown],
    });
    expect(await errorOf(mailer.send({ ...message, to: 'eve@example.org' }), MailDeliveryError)).toMatchObject({
      temporary: false,
      refusals: [unknown],
    });
  });
});

describe('connections', () => {
  test('are reused after the server refused a message', async () => {
    let refused = 0;
    const { server, mailer } = await mailerWith(
      (phase) => (phase === 'RCPT' && refused++ < 2 ? '550 no such user' : undefined),
      { connections: 1 },
    );
    await errorOf(mailer.send(message), MailDeliveryError);
    await errorOf(mailer.send(message), MailDeliveryError);
    await mailer.send(message);

    expect(server.count).toMatchObject({ connections: 1, messages: 1 });
  });

  test.each([
    ['reset', reset],
    ['closed', close],
    ['421 closing', '421 closing'],
  ])('that the server closed before it received a message are replaced: %s', async (_, reaction) => {
    const used = new Set<number>();
    const { server, mailer } = await mailerWith(
      (phase, _argument, connection) => {
        if (phase === 'MAIL' && used.has(connection)) return reaction;
        if (phase === 'message') used.add(connection);
        return undefined;
      },
      { connections: 2 },
    );
    await Promise.all([mailer.send(message), mailer.send(message)]);
    await Promise.all([mailer.send(message), mailer.send(message)]);

    expect(server.count.messages).toBe(4);
  });

  test('that the server closed in the middle of a message are not replaced: it may have been received', async () => {
    const { server, mailer } = await mailerWith((phase) => (phase === 'message' ? close : undefined));
    await errorOf(mailer.send(message), MailDeliveryError);

    expect(server.reached.filter((phase) => phase === 'message')).toHaveLength(1);
  });
});

test('an attachment that is deleted while the mail waits fails with a MailMessageError', async () => {
  const folder = tempFolder({ 'report.csv': 'a,b\n' });
  const path = join(folder, 'report.csv');
  const { mailer, server } = await mailerWith(
    (phase) => {
      if (phase === 'message') rmSync(folder, { recursive: true });
      return undefined;
    },
    { connections: 1 },
  );
  const first = mailer.send(message);
  const second = await errorOf(mailer.send({ ...message, attachments: [{ path }] }), MailMessageError);
  await first;

  expect(second).toMatchObject({ code: 'ERR_MAIL_MESSAGE', temporary: false });
  // The first check of the file and its opening report the same failure.
  expect(second.message).toContain('got          ENOENT: no such file or directory');
  expect(server.count.messages).toBe(1);
});
