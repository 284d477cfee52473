import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { component, Component, inject, startApplication, type Application } from '@asphalt/core';
import { LoadedConfig } from '@asphalt/core/config';
import { planApplication } from '@asphalt/core/inspect';
import { tempFolder, warningsOf } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';

import { MailerComponent } from '../src/mailer-component.ts';
import { Mailer } from '../src/mailer.ts';
import { MemoryMailer } from '../src/memory-mailer.ts';
import { SmtpMailer } from '../src/smtp-mailer.ts';
import { startMailServer } from './mail-server.ts';

@component({ components: { mailer: MailerComponent } })
class Root extends Component {}

async function start(mailer: object): Promise<Application> {
  const application = await startApplication(Root, { config: { components: { mailer } } });
  onTestFinished(() => application.stop());
  return application;
}

test('the component publishes a mailer with the defaults of the configuration', async () => {
  const defaults = { from: 'news@example.org', to: 'ops@example.org', replyTo: 'office@example.org' };
  const application = await start({ backend: 'memory', ...defaults });
  const mailer = await application.context.getResource(Mailer);
  await mailer.send({ subject: 'Hello' });

  expect(mailer).toBeInstanceOf(MemoryMailer);
  expect((mailer as MemoryMailer).messages).toMatchObject([{ ...defaults, subject: 'Hello' }]);
});

test('a second mailer component publishes its mailer under the name of its alias', async () => {
  const application = await startApplication(Root, {
    config: {
      components: {
        mailer: { backend: 'memory' },
        'mailer/bulk': { type: MailerComponent, backend: 'memory', from: 'bulk@example.org' },
      },
    },
  });
  onTestFinished(() => application.stop());

  expect((await application.context.getResource(Mailer, 'bulk')).defaults.from).toBe('bulk@example.org');
  expect((await application.context.getResource(Mailer)).defaults.from).toBeUndefined();
});

test('the mailer sends through the configured server and delivers pending mails when it stops', async () => {
  const events: string[] = [];
  const server = await startMailServer({
    message: () => {
      events.push('received');
      return undefined;
    },
  });
  const application = await start({ host: server.host, port: server.port, tls: 'off', timeout: '5s' });
  const mailer = await application.context.getResource(Mailer);
  const sending = mailer.send({ from: 'ada@example.org', to: 'bob@example.org' }).then(() => events.push('sent'));
  await application.stop();
  events.push('stopped');
  await sending;

  expect(mailer).toBeInstanceOf(SmtpMailer);
  expect(events).toEqual(['received', 'sent', 'stopped']);
});

test('the component creates the folder of backend "file" when it starts', async () => {
  const parent = tempFolder();
  const application = await start({ backend: 'file', folder: join(parent, 'mail') });

  expect(await readdir(parent)).toEqual(['mail']);
  await (await application.context.getResource(Mailer)).send({ from: 'ada@example.org', to: 'bob@example.org' });
  expect(await readdir(join(parent, 'mail'))).toEqual([expect.stringMatching(/\.eml$/)]);
});

/** The problems that `asphalt check` reports. */
async function problemsOf(mailer: object, env: Record<string, string> = {}): Promise<string[]> {
  const { problems } = await planApplication(Root, {
    config: LoadedConfig.fromObject({ components: { mailer } }, { env }),
  });
  return problems.map(({ message }) => message.replace(/\n {2}from .*|\n {2}code .*/g, ''));
}

const memory = { backend: 'memory', from: 'ada@example.org' };

test.each<[what: string, mailer: object]>([
  ['a sender without an address', { ...memory, from: 'nobody' }],
  ['two senders', { ...memory, from: 'a@x.org, b@x.org' }],
  ['a sender and a word', { ...memory, from: 'Doe, a@x.org' }],
  ['an empty sender', { ...memory, from: '' }],
  ['a word as the address for replies', { ...memory, replyTo: 'nonsense' }],
  ['a recipient without an at sign', { ...memory, to: 'ops at example.org' }],
  ['no folder', { backend: 'file' }],
  ['no host', {}],
  ['an empty host', { host: '' }],
  ['a URL as the host', { host: 'smtp://127.0.0.1:2525' }],
  ['a host with a port', { host: 'mail.example.org:2525' }],
  ['a host in brackets', { host: '[::1]' }],
  ['port 0', { host: 'mail.example.org', port: 0 }],
  ['a password without a user name', { host: 'mail.example.org', password: 'hunter2' }],
  ['a user name without a password', { host: 'mail.example.org', username: 'ada' }],
  ['an empty login', { host: 'mail.example.org', username: '', password: '' }],
  ['a time limit of 0', { host: 'mail.example.org', timeout: 0 }],
])('options that cannot work are problems of the plan: %s', async (_, mailer) => {
  const problems = await problemsOf(mailer);
  expect(problems.join('\n')).toMatchSnapshot();
});

test.each([
  [{ ...memory, from: 'Doe, Jane <j@example.org>' }],
  [{ ...memory, from: '"Doe, Jane" <j@example.org>', to: 'a@x.org, b@x.org', replyTo: 'a@x.org, b@x.org' }],
  [{ host: 'mail_server' }],
  [{ host: '::1', username: 'ada', password: 'hunter2' }],
  [{ host: 'mail.example.org', timeout: '30d', drain: '30d' }],
])('options that can work are accepted: %j', async (mailer) => {
  expect(await problemsOf(mailer)).toEqual([]);
});

test('a host and a login may come from variables', async () => {
  const login = { SMTP_HOST: 'mail.example.org', SMTP_USERNAME: 'ada', SMTP_PASSWORD: 'hunter2' };
  expect(await problemsOf({}, login)).toEqual([]);
});

test('limits of 30 days do not end at once', async () => {
  const server = await startMailServer({});
  const warnings = await warningsOf(async () => {
    const application = await start({ host: server.host, port: server.port, tls: 'off', timeout: '30d', drain: '30d' });
    const mailer = await application.context.getResource(Mailer);
    const sending = mailer.send({ from: 'ada@example.org', to: 'bob@example.org' });
    await application.stop();
    expect((await sending).accepted).toEqual(['bob@example.org']);
  });
  expect(warnings).toEqual([]);
});

test('the component starts while its mail server is down', async () => {
  const application = await start({ host: '127.0.0.1', port: 1 });

  expect(await application.context.getResource(Mailer)).toBeInstanceOf(SmtpMailer);
});

test('the error for a missing mailer suggests the component', async () => {
  class Forgetful extends Component {
    @inject(Mailer) readonly mailer!: Mailer;
  }
  const [problem] = (await planApplication(Forgetful)).problems;
  expect(problem?.message).toContain(`add ${MailerComponent.name} of @asphalt/mailer to`);
});
