import { Component, component, defineConfig, provides } from '@asphalt/core';

import { MailerConfigError } from './errors.ts';
import { FileMailer } from './file-mailer.ts';
import { Mailer, type MailerSettings } from './mailer.ts';
import { MemoryMailer } from './memory-mailer.ts';
import { SmtpMailer } from './smtp-mailer.ts';

const options = defineConfig({
  backend: {
    doc: 'Where mail goes: to a server, into a folder or into memory',
    format: ['smtp', 'file', 'memory'],
    default: 'smtp',
  },
  from: { doc: 'Sender of messages that name none', format: 'string' },
  to: { doc: 'Recipients of messages that name none, with commas between them', format: 'string' },
  replyTo: { doc: 'Where answers go, for messages that do not say it', format: 'string' },
  folder: { doc: 'Backend "file": where messages are written', format: 'path' },
  host: { doc: 'Backend "smtp": name or address of the mail server', format: 'string', env: 'SMTP_HOST' },
  port: { doc: 'Port of the mail server; by default 465, 587 or 25, after `tls`', format: 'port', env: 'SMTP_PORT' },
  tls: {
    doc: 'How the connection is secured; by default after the port, or "starttls" with and "optional" without login',
    format: ['implicit', 'starttls', 'optional', 'off'],
  },
  username: { doc: 'Login at the mail server', format: 'string', env: 'SMTP_USERNAME' },
  password: { doc: 'Password of the login', format: 'string', env: 'SMTP_PASSWORD', sensitive: true },
  timeout: {
    doc: 'How long to wait for a connection and for each answer of the mail server',
    format: 'duration',
    default: '30s',
  },
  drain: {
    doc: 'Time limit for mails that are being sent when the application stops',
    format: 'duration',
    default: '5s',
  },
});

/** Publishes a {@link Mailer} whose backend and defaults come from the configuration. */
@component({ config: options, description: 'Sends mail over SMTP, into a folder or into memory' })
export class MailerComponent extends Component<typeof options> {
  /**
   * @throws {@link MailerConfigError} when the backend lacks an option, or cannot use the one it has. The mail server
   * is not contacted: an application whose mail server is down can start.
   */
  @provides(Mailer)
  async *mailer(): AsyncGenerator<Mailer> {
    const mailer = await this.#open();
    yield mailer;
    await mailer.close();
  }

  async #open(): Promise<Mailer> {
    const { backend, from, to, replyTo, host, folder, timeout, drain, ...server } = this.config;
    const settings: MailerSettings = { defaults: { from, to, replyTo }, logger: this.logger, drainMs: drain };
    switch (backend) {
      case 'memory':
        return new MemoryMailer(settings);
      case 'file': {
        if (!folder) throw this.#missing('folder', 'set `folder` to where the messages are to be written');
        const mailer = new FileMailer({ ...settings, folder });
        await mailer.createFolder();
        return mailer;
      }
      case 'smtp':
        if (!host)
          throw this.#missing('host', 'set `host` to the name of the mail server, or choose another `backend`');
        return new SmtpMailer({ ...settings, ...server, host, timeoutMs: timeout });
    }
  }

  #missing(option: string, help: string): MailerConfigError {
    return MailerConfigError.missing(option, this.config.backend, help);
  }
}
