import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { component, Component, startApplication, StopError } from '@asphalt/core';
import { tempFolder } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';

import { MailDeliveryError, UnsentMailError } from '../src/errors.ts';
import { FileMailer } from '../src/file-mailer.ts';
import { MailerComponent } from '../src/mailer-component.ts';
import { Mailer } from '../src/mailer.ts';
import { SmtpMailer, type SmtpMailerSettings } from '../src/smtp-mailer.ts';
import { hang, silent, startScriptedServer, type Phase, type ScriptedServer, type Script } from './scripted-server.ts';

const message = { from: 'ada@example.org', to: 'bob@example.org', subject: 'Engine', text: 'The secret content.' };

function mailerAt({ host, port }: ScriptedServer, settings: Partial<SmtpMailerSettings> = {}): SmtpMailer {
  return new SmtpMailer({ host, port, tls: 'off', drainMs: 50, ...settings });
}

function hangingAt(failing: Phase): Script {
  return (phase) => (phase === failing ? hang : undefined);
}

/** Sends messages. Resolves with the result or the error of each one. */
function send(mailer: Mailer, count: number): Promise<unknown[]> {
  const sending = Array.from({ length: count }, (_, n) => mailer.send({ ...message, subject: `mail ${n}` }));
  return Promise.all(sending.map((sent) => sent.catch((error: unknown) => error)));
}

async function unsent(closing: Promise<void>): Promise<UnsentMailError> {
  const error: unknown = await closing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof UnsentMailError) return error;
  throw new Error('closing did not report unsent mails', { cause: error });
}

describe('closing a mailer whose server hangs', () => {
  test.each(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'message'] as const)(
    'at %s aborts and reports each mail',
    async (failing) => {
      const server = await startScriptedServer(hangingAt(failing));
      const mailer = mailerAt(server, { connections: 1 });
      const outcomes = send(mailer, 3);
      await expect.poll(() => server.reached).toContain(failing);
      const error = await unsent(mailer.close());

      expect(error.mails.map(({ subject, recipients }) => [subject, recipients])).toEqual(
        [0, 1, 2].map((n) => [`mail ${n}`, ['bob@example.org']]),
      );
      expect(await outcomes).toEqual(error.mails.map((mail) => mail.error));
      for (const mail of error.mails) {
        expect(mail.error).toBeInstanceOf(MailDeliveryError);
        expect(mail.error).toMatchObject({ failure: 'stopped', temporary: true, code: 'ERR_MAIL_DELIVERY' });
      }
      expect(server.count.connections).toBe(1);
    },
  );

  test('reports the subject, recipients and reason of each mail, but no content', async () => {
    const server = await startScriptedServer(hangingAt('greeting'));
    const mailer = mailerAt(server);
    void mailer.send(message).catch(() => undefined);
    void mailer.send({ ...message, subject: undefined, bcc: ['eve@example.org'] }).catch(() => undefined);

    expect((await unsent(mailer.close())).message).toMatchInlineSnapshot(`
      "2 mails were not sent before the mailer closed
        1. "Engine" to bob@example.org: the application stopped before it was sent
        2. no subject to bob@example.org, eve@example.org: the application stopped before it was sent
        help         wait for \`send\` before the component that sends stops, and keep mails that fail with \`temporary\`
                     or raise \`drain\` of the mailer, and \`stopTimeout\` of the application with it
        code         ERR_MAIL_UNSENT"
    `);
  });

  test('disconnects from the server', async () => {
    const server = await startScriptedServer((phase) => (phase === 'RCPT' ? silent : undefined));
    const mailer = mailerAt(server);
    void send(mailer, 5);
    await expect.poll(() => server.count.open).toBe(5);
    await unsent(mailer.close());

    await expect.poll(() => server.count.open).toBe(0);
  });

  test('reports all of 200 mails, although 195 of them never had a connection', async () => {
    const server = await startScriptedServer(hangingAt('DATA'));
    const mailer = mailerAt(server);
    const outcomes = send(mailer, 200);
    await expect.poll(() => server.count.open).toBe(5);
    const error = await unsent(mailer.close());

    expect(error.mails).toHaveLength(200);
    expect(error.summary).toBe('200 mails were not sent before the mailer closed');
    expect(error.message).toContain('200. "mail 199" to bob@example.org');
    expect(await outcomes).toSatisfy((errors: unknown[]) => errors.every((each) => each instanceof MailDeliveryError));
    expect(server.count.connections).toBe(5);
  });

  test('logs the mails before it waits, so that they are known even if the stop is cut off', async () => {
    const lines: unknown[] = [];
    const logger = { debug: () => undefined, warn: (text: string, data?: object) => lines.push([text, data]) };
    const server = await startScriptedServer(hangingAt('greeting'));
    const mailer = mailerAt(server, { logger });
    void send(mailer, 1);
    const closing = unsent(mailer.close());

    expect(lines).toEqual([
      [
        'Mails are still being sent while the mailer closes',
        { drainMs: 50, mails: [{ subject: 'mail 0', recipients: ['bob@example.org'] }] },
      ],
    ]);
    await closing;
  });
});

describe('closing a mailer', () => {
  test('aborts only the mail that hangs', async () => {
    const server = await startScriptedServer((phase, _argument, connection) =>
      phase === 'greeting' && connection === 2 ? hang : undefined,
    );
    const mailer = mailerAt(server, { connections: 2 });
    const outcomes = send(mailer, 20);
    await expect.poll(() => server.count.messages).toBe(19);
    const error = await unsent(mailer.close());

    expect(error.mails).toHaveLength(1);
    expect((await outcomes).filter((outcome) => outcome instanceof Error)).toEqual([error.mails[0]?.error]);
  });

  test('aborts immediately with a drain limit of 0', async () => {
    const server = await startScriptedServer(hangingAt('greeting'));
    const mailer = mailerAt(server, { drainMs: 0 });
    void send(mailer, 2);

    expect((await unsent(mailer.close())).mails).toHaveLength(2);
  });

  test('reports mails that fail while it closes, because their callers may have stopped', async () => {
    const server = await startScriptedServer((phase) => (phase === 'RCPT' ? '550 no such user' : undefined));
    const mailer = mailerAt(server, { drainMs: 5_000 });
    void send(mailer, 1);
    const error = await unsent(mailer.close());

    expect(error.mails[0]?.error).toMatchObject({ failure: 'addresses', answer: '550 no such user' });
    expect(error.message).toContain('the server refused its sender or its recipients: 550 no such user');
  });

  test('a second time has no effect', async () => {
    const server = await startScriptedServer(() => undefined);
    const mailer = mailerAt(server, { drainMs: 5_000 });
    const outcomes = send(mailer, 3);
    await Promise.all([mailer.close(), mailer.close()]);

    expect(await outcomes).toHaveLength(3);
    expect(server.count.messages).toBe(3);
  });

  test('refuses further mails with a temporary failure', async () => {
    const server = await startScriptedServer(hangingAt('greeting'));
    const mailer = mailerAt(server);
    void send(mailer, 1);
    const closing = unsent(mailer.close());
    const error: unknown = await mailer.send(message).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ failure: 'closed', temporary: true, recipients: ['bob@example.org'] });
    expect((await closing).mails).toHaveLength(1);
  });

  test('does not wait longer than its limit for a backend that ignores the signal', async () => {
    class StuckMailer extends Mailer {
      protected override deliver(): Promise<never> {
        return new Promise(() => undefined);
      }
    }
    const mailer = new StuckMailer({ drainMs: 20 });
    void send(mailer, 10);

    expect((await unsent(mailer.close())).mails).toHaveLength(10);
  });
});

test('an application that stops while its mail server hangs reports the mails within its stop limit', async () => {
  @component({ components: { mailer: MailerComponent } })
  class Root extends Component {}
  const server = await startScriptedServer(hangingAt('greeting'));
  const { host, port } = server;
  const mailer = { host, port, tls: 'off', timeout: '30s', drain: '100ms' };
  const application = await startApplication(Root, { config: { components: { mailer } } });
  const outcomes = send(await application.context.getResource(Mailer), 7);
  const error: unknown = await application.stop().catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(StopError);
  expect((error as StopError).errors).toEqual([
    {
      component: expect.stringContaining('mailer'),
      label: 'rest of mailer()',
      error: expect.any(UnsentMailError) as UnsentMailError,
    },
  ]);
  expect((error as Error).message).toContain(
    '7. "mail 6" to bob@example.org: the application stopped before it was sent',
  );
  expect(await outcomes).toHaveLength(7);
});

test('closing a mailer at its limit removes a partially written file', async () => {
  const folder = tempFolder();
  const mailer = new FileMailer({ folder, drainMs: 0 });
  const content = Buffer.alloc(50_000_000);
  void mailer.send({ ...message, attachments: [{ filename: 'large.bin', content }] }).catch(() => undefined);
  await expect.poll(() => readdir(folder)).toHaveLength(1);

  expect((await unsent(mailer.close())).mails).toHaveLength(1);
  await expect.poll(() => readdir(folder)).toEqual([]);
});

test('a stopping process reports mails that no caller waits for', async () => {
  const server = await startScriptedServer(hangingAt('greeting'));
  const script = `
    import { Component, component, runApplication } from '@asphalt/core';
    import { Mailer, MailerComponent } from '@asphalt/mailer';

    class App extends Component {
      async start() {
        const mailer = await this.context.getResource(Mailer);
        for (let n = 0; n < 4; n++) void mailer.send({ from: 'ada@example.org', to: 'bob@example.org', subject: 'mail ' + n });
      }
    }
    component({ components: { mailer: MailerComponent } })(App);
    const mailer = { host: '127.0.0.1', port: ${server.port}, tls: 'off', drain: '100ms' };
    const failures = [];
    const onFailure = (error) => void failures.push(error.message);
    await runApplication(App, { ownsProcess: true, onFailure, config: { components: { mailer } } });
    // Prints in a later turn, as "asphalt run" does after it has loaded its reporter.
    setImmediate(() => console.log(failures.join('\\n')));
  `;
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  await expect.poll(() => server.count.open, { timeout: 10_000 }).toBe(4);
  child.kill('SIGTERM');
  const text = (await output).join('\n');

  expect(text).toContain('4 mails were not sent before the mailer closed');
  for (const n of [0, 1, 2, 3]) expect(text).toContain(`"mail ${n}" to bob@example.org`);
});
