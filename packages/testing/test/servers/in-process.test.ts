import { httpServer, smtpServer, type SmtpServerOptions } from '@asphalt/testing/servers';
import { errorOf } from '@asphalt/test-support';
import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';

const mail = { from: 'ada@example.org', to: ['bob@example.org', 'eve@example.org'], subject: 'Hello', text: 'Bob' };

async function startedSmtp(options?: SmtpServerOptions): ReturnType<typeof smtpServer> {
  const server = await smtpServer(options);
  onTestFinished(() => server.stop());
  return server;
}

test('a mail server stores the mails that it accepts', async () => {
  const server = await startedSmtp();
  await createTransport(server.url).sendMail(mail);
  expect(server.mails).toMatchObject([{ sender: 'ada@example.org', recipients: mail.to }]);
  expect(server.mails[0]!.source).toMatch(/Subject: Hello.*\r\n\r\nBob\r\n/s);
});

test('a mail server with a login refuses all others', async () => {
  const server = await startedSmtp({ login: { username: 'ada', password: 'hunter2' } });
  await createTransport(server.url).sendMail(mail);
  const wrong = createTransport(server.url.replace('hunter2', 'hunter3')).sendMail(mail);
  expect(await errorOf(wrong)).toMatchObject({ responseCode: 535 });
  const anonymous = createTransport(server.url.replace('ada:hunter2@', '')).sendMail(mail);
  expect(await errorOf(anonymous)).toMatchObject({ responseCode: 530 });
  expect(server.mails).toHaveLength(1);
});

test('an HTTP server responds with its listener, and ends open requests when it stops', async () => {
  const server = await httpServer(({ url }, response) => (url === '/hang' ? undefined : response.end(url)));
  expect(await (await fetch(new URL('/hello', server.url))).text()).toBe('/hello');
  const hanging = fetch(new URL('/hang', server.url));
  await Promise.all([errorOf(hanging), server.stop()]);
});
