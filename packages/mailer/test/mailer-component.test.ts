import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { component, Component, inject, startApplication, type Application } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { failureOf, tempFolder } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';

import { MailerConfigError } from '../src/errors.ts';
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

async function failure(mailer: object): Promise<MailerConfigError> {
  let error = await failureOf(start(mailer));
  while (error instanceof Error && !(error instanceof MailerConfigError)) error = error.cause;
  if (error instanceof MailerConfigError) return error;
  throw new Error('the application did not fail as expected', { cause: error });
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

test('the component does not start with backend "file" and no folder', async () => {
  const error = await failure({ backend: 'file' });

  expect(error.option).toBe('folder');
  expect(error.message).toMatchInlineSnapshot(`
    "A mailer with backend "file" requires the option \`folder\`
      help         set \`folder\` to the path of the folder for the messages
      code         ERR_MAIL_CONFIG"
  `);
});

test('the component does not start with backend "smtp" and no host', async () => {
  const error = await failure({});

  expect(error.option).toBe('host');
  expect(error.message).toMatchInlineSnapshot(`
    "A mailer with backend "smtp" requires the option \`host\`
      help         set \`host\` to the name of the mail server, or use another \`backend\`
      code         ERR_MAIL_CONFIG"
  `);
});

test('the component does not start with a password and no username', async () => {
  expect((await failure({ host: '127.0.0.1', password: 'hunter2' })).option).toBe('username');
});

test.each([
  ['timeout', { timeout: 0 }],
  ['timeout', { timeout: '30d' }],
  ['drain', { drain: '30d' }],
])('the component does not start with a `%s` out of range: %j', async (option, limits) => {
  expect((await failure({ host: '127.0.0.1', ...limits })).option).toBe(option);
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
