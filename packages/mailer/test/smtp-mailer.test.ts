import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { Deferred, errorOf } from '@asphalt/test-support';

import { describe, expect, onTestFinished, test } from 'vitest';

import { MailDeliveryError, MailerConfigError, MailMessageError } from '../src/errors.ts';
import { smtpDefaults, SmtpMailer, type SmtpMailerSettings } from '../src/smtp-mailer.ts';
import { cert } from './certificate.ts';
import { parse, Refusal, startMailServer } from './mail-server.ts';

const message = { from: 'Ada <ada@example.org>', to: 'bob@example.org', subject: 'Engine', text: 'It runs.' };
const login = { username: 'ada', password: 'hunter2 of numbers' };
const trusting = { tlsOptions: { ca: cert } };

function smtpMailer(
  { host, port }: { host: string; port: number },
  more: Partial<SmtpMailerSettings> = {},
): SmtpMailer {
  const mailer = new SmtpMailer({ host, port, ...more });
  onTestFinished(() => mailer.close());
  return mailer;
}

/** Returns a local port without a listener. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function portless(error: MailDeliveryError): string {
  return error.message.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
}

describe('smtpDefaults', () => {
  test.each([
    [{}, { port: 25, tls: 'optional' }],
    [{ username: 'ada' }, { port: 587, tls: 'starttls' }],
    [{ tls: 'implicit' }, { port: 465, tls: 'implicit' }],
    [
      { tls: 'off', username: 'ada' },
      { port: 25, tls: 'off' },
    ],
    [{ port: 465 }, { port: 465, tls: 'implicit' }],
    [{ port: 587 }, { port: 587, tls: 'starttls' }],
    [{ port: 2525 }, { port: 2525, tls: 'optional' }],
    [
      { port: 2525, username: 'ada' },
      { port: 2525, tls: 'starttls' },
    ],
    [
      { port: 25, username: 'ada' },
      { port: 25, tls: 'starttls' },
    ],
    [
      { port: 465, tls: 'starttls' },
      { port: 465, tls: 'starttls' },
    ],
  ] as const)('derives from %j: %j', (settings, expected) => {
    expect(smtpDefaults(settings)).toEqual(expected);
  });
});

describe('delivery', () => {
  test('sends the message and all its recipients to the server', async () => {
    const server = await startMailServer();
    const sent = await smtpMailer(server).send({ ...message, cc: 'dan@example.org', bcc: 'eve@example.org' });
    const [mail] = server.received;

    expect(sent).toEqual({
      messageId: expect.stringMatching(/^<.+@example\.org>$/),
      accepted: ['bob@example.org', 'dan@example.org', 'eve@example.org'],
      rejected: [],
      refusals: [],
      answer: expect.stringMatching(/^250 /),
    });
    expect(mail).toMatchObject({
      sender: 'ada@example.org',
      recipients: ['bob@example.org', 'dan@example.org', 'eve@example.org'],
    });
    expect(mail?.source).not.toMatch(/^bcc:|eve@/im);
    expect(await parse(mail!.source)).toMatchObject({
      messageId: sent.messageId,
      to: [{ address: 'bob@example.org' }],
      cc: [{ address: 'dan@example.org' }],
      subject: 'Engine',
      text: 'It runs.\n',
    });
  });

  test('lists the recipients that the server refused while it accepted others', async () => {
    const server = await startMailServer({
      recipient: (address) => (address.startsWith('dan') ? new Refusal(550, 'no such user') : undefined),
    });
    const sent = await smtpMailer(server).send({ ...message, to: ['bob@example.org', 'dan@example.org'] });

    expect(sent).toMatchObject({ accepted: ['bob@example.org'], rejected: ['dan@example.org'] });
  });

  test('reuses a connection', async () => {
    const server = await startMailServer();
    const mailer = smtpMailer(server, { connections: 1 });
    await Promise.all([mailer.send(message), mailer.send(message), mailer.send(message)]);

    expect(server.received).toHaveLength(3);
    expect(server.connections.made).toBe(1);
  });

  test('rejects a message without sender or recipient before it connects', async () => {
    const server = await startMailServer();
    const mailer = smtpMailer(server);

    await expect(mailer.send({ to: 'bob@example.org' })).rejects.toThrow(MailMessageError);
    await expect(mailer.send({ from: 'ada@example.org' })).rejects.toThrow(MailMessageError);
    expect(server.connections.made).toBe(0);
  });
});

describe('a secure connection', () => {
  test.each(['implicit', 'starttls'] as const)('is used with tls "%s"', async (tls) => {
    const server = await startMailServer({ secure: tls === 'implicit', login });
    await smtpMailer(server, { tls, ...login, ...trusting }).send(message);

    expect(server.received).toMatchObject([{ secure: true, user: 'ada' }]);
  });

  test('is used with tls "optional" if the server offers it, even with an untrusted certificate', async () => {
    const offering = await startMailServer();
    const plain = await startMailServer({ disabledCommands: ['STARTTLS'] });
    await smtpMailer(offering, { tls: 'optional' }).send(message);
    await smtpMailer(plain, { tls: 'optional' }).send(message);

    expect(offering.received).toMatchObject([{ secure: true }]);
    expect(plain.received).toMatchObject([{ secure: false }]);
  });

  test('is not used with tls "off"', async () => {
    const server = await startMailServer();
    await smtpMailer(server, { tls: 'off' }).send(message);

    expect(server.received).toMatchObject([{ secure: false }]);
  });

  test('is required for a login: no password is sent over an insecure one', async () => {
    let asked = false;
    const server = await startMailServer({
      disabledCommands: ['STARTTLS'],
      onAuth: (_auth, _session, done) => {
        asked = true;
        done(null, { user: 'ada' });
      },
    });
    const error = await errorOf(smtpMailer(server, login).send(message), MailDeliveryError);

    expect(error).toMatchObject({ failure: 'tls', temporary: false });
    expect(asked).toBe(false);
    expect(portless(error)).toMatchInlineSnapshot(`
      "A mail was not delivered: the connection could not be secured
        mail         "Engine"
        server       127.0.0.1:PORT
        recipients   bob@example.org
        answer       500 Error: command not recognized
        help         set \`tls\` of the mailer to a mode that the server supports (implicit, starttls, optional, off),
                     and \`host\` to the name in its certificate
        code         ERR_MAIL_DELIVERY"
    `);
  });

  test.each(['implicit', 'starttls'] as const)('with tls "%s" requires a trusted certificate', async (tls) => {
    const server = await startMailServer({ secure: tls === 'implicit' });
    const error = await errorOf(smtpMailer(server, { tls }).send(message), MailDeliveryError);

    expect(error).toMatchObject({ failure: 'tls', temporary: false });
    expect(server.received).toEqual([]);
    expect(portless(error)).toContain('got          self-signed certificate');
  });
});

describe('a failed delivery', () => {
  test('names a server that cannot be reached', async () => {
    const error = await errorOf(
      smtpMailer({ host: '127.0.0.1', port: await deadPort() }).send(message),
      MailDeliveryError,
    );

    expect(error).toMatchObject({ failure: 'connection', temporary: true, recipients: ['bob@example.org'] });
    expect(error.cause).toMatchObject({ originalCode: 'ECONNREFUSED' });
    expect(portless(error)).toMatchInlineSnapshot(`
      "A mail was not delivered: the connection to the server failed
        mail         "Engine"
        server       127.0.0.1:PORT
        recipients   bob@example.org
        got          connect ECONNREFUSED 127.0.0.1:PORT
        help         check \`host\` and \`port\` of the mailer, and that the server runs and can be reached from here
        code         ERR_MAIL_DELIVERY"
    `);
  });

  test('names a server that does not respond in time', async () => {
    const silent = createServer((socket) => socket.write('220 mail.test ESMTP\r\n')).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const error = await errorOf(
      smtpMailer({ host: '127.0.0.1', port }, { timeoutMs: 300 }).send(message),
      MailDeliveryError,
    );

    expect(error).toMatchObject({ failure: 'timeout', temporary: true });
    expect(portless(error)).toMatchInlineSnapshot(`
      "A mail was not delivered: the server did not respond in time
        mail         "Engine"
        server       127.0.0.1:PORT
        recipients   bob@example.org
        got          Timeout
        help         check \`host\` and \`port\` of the mailer, or raise its \`timeout\`
        code         ERR_MAIL_DELIVERY"
    `);
  });

  test('reports a refused login without the password', async () => {
    const server = await startMailServer({ login });
    const password = 'hunter3, not the right one';
    const mailer = smtpMailer(server, { username: 'ada', password, ...trusting });
    const error = await errorOf(mailer.send(message), MailDeliveryError);

    expect(error).toMatchObject({ failure: 'login', temporary: false, server: mailer.server });
    expect(portless(error)).toMatchInlineSnapshot(`
      "A mail was not delivered: the server refused the login
        mail         "Engine"
        server       127.0.0.1:PORT
        recipients   bob@example.org
        answer       535 these credentials are unknown here
        help         check \`username\` and \`password\` of the mailer
        code         ERR_MAIL_DELIVERY"
    `);
    const shown = inspect([error, mailer], { depth: 20, showHidden: true }) + JSON.stringify([error, mailer]);
    expect(shown).not.toContain(password);
    expect(shown).not.toContain(Buffer.from(`\0ada\0${password}`).toString('base64'));
    expect(shown).not.toContain(Buffer.from(password).toString('base64'));
  });

  test('reports that the server refused every recipient', async () => {
    const server = await startMailServer({ recipient: () => new Refusal(550, 'no such user') });
    const to = Array.from({ length: 7 }, (_, n) => `r${n}@example.org`);
    const error = await errorOf(smtpMailer(server).send({ ...message, to }), MailDeliveryError);

    expect(error).toMatchObject({ failure: 'addresses', temporary: false, recipients: to, answer: '550 no such user' });
    expect(portless(error)).toMatchInlineSnapshot(`
      "A mail was not delivered: the server refused its sender or its recipients
        mail         "Engine"
        server       127.0.0.1:PORT
        recipients   r0@example.org, r1@example.org, r2@example.org, r3@example.org, r4@example.org and 2 more
        answer       550 no such user
        help         correct the addresses, or configure the server to accept them
        code         ERR_MAIL_DELIVERY"
    `);
  });

  test('reports that the server refused the message', async () => {
    const server = await startMailServer({ message: () => new Refusal(554, 'no such talk here') });

    expect(portless(await errorOf(smtpMailer(server).send(message), MailDeliveryError))).toMatchInlineSnapshot(`
      "A mail was not delivered: the server refused the message
        mail         "Engine"
        server       127.0.0.1:PORT
        recipients   bob@example.org
        answer       554 no such talk here
        help         change the message; the server's answer names the reason
        code         ERR_MAIL_DELIVERY"
    `);
  });

  test('reports a temporary refusal, after which a later attempt succeeds', async () => {
    let busy = true;
    const server = await startMailServer({ message: () => (busy ? new Refusal(451, 'try again later') : undefined) });
    const mailer = smtpMailer(server);
    const error = await errorOf(mailer.send(message), MailDeliveryError);
    busy = false;
    await mailer.send(message);

    expect(error.temporary).toBe(true);
    expect(portless(error)).toMatchInlineSnapshot(`
      "A mail was not delivered: the server refused the message
        mail         "Engine"
        server       127.0.0.1:PORT
        recipients   bob@example.org
        answer       451 try again later
        help         change the message; the server's answer names the reason
                     or send it again later: the server reported a temporary failure
        code         ERR_MAIL_DELIVERY"
    `);
    expect(server.received).toHaveLength(1);
  });
});

describe('closing', () => {
  test('waits for mails that are being sent or wait for a connection, then disconnects', async () => {
    const events: string[] = [];
    const arrived = new Deferred();
    const answered = new Deferred();
    const server = await startMailServer({
      message: async () => {
        arrived.resolve();
        await answered.promise;
        return undefined;
      },
    });
    const mailer = smtpMailer(server, { connections: 1 });
    const sending = [1, 2, 3].map((n) => mailer.send(message).then(() => events.push(`sent ${n}`)));
    await arrived.promise;
    const closed = mailer.close().then(() => events.push('closed'));
    answered.resolve();
    await Promise.all([...sending, closed]);

    expect(events).toEqual(['sent 1', 'sent 2', 'sent 3', 'closed']);
    expect(server.received).toHaveLength(3);
    await expect.poll(() => server.connections.open).toBe(0);
  });

  test('succeeds if no mail was ever sent', async () => {
    await new SmtpMailer({ host: '127.0.0.1', port: await deadPort() }).close();
  });
});

test('a username without a password, or the reverse, is rejected', () => {
  expect(() => new SmtpMailer({ host: 'mail.example.org', username: 'ada' })).toThrow(MailerConfigError);
  expect(() => new SmtpMailer({ host: 'mail.example.org', password: 'hunter2' })).toThrowErrorMatchingInlineSnapshot(`
    [MailerConfigError: A mailer has a \`password\` but no \`username\`
      help         set both
                   or set neither if the server requires no login
      code         ERR_MAIL_CONFIG]
  `);
});
