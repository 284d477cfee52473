import { Component, component, defineConfig, provides } from '@asphalt/core';

import { MailerConfigError } from './errors.ts';
import { FileMailer } from './file-mailer.ts';
import { Mailer, type MailerSettings } from './mailer.ts';
import { MemoryMailer } from './memory-mailer.ts';
import { SmtpMailer } from './smtp-mailer.ts';

const options = defineConfig({
  backend: {
    doc: 'Destination of mail: an SMTP server, a folder or memory',
    format: ['smtp', 'file', 'memory'],
    default: 'smtp',
  },
  from: { doc: 'Default sender', format: 'string' },
  to: { doc: 'Default recipients, separated by commas', format: 'string' },
  replyTo: { doc: 'Default address for replies', format: 'string' },
  folder: { doc: 'Backend "file": folder for the messages', format: 'path' },
  host: { doc: 'Backend "smtp": name or address of the mail server', format: 'string', env: 'SMTP_HOST' },
  port: { doc: 'Port of the mail server; 465, 587 or 25 by default, by `tls`', format: 'port', env: 'SMTP_PORT' },
  tls: {
    doc: 'TLS mode of the connection; derived from the port, else "starttls" with and "optional" without a login',
    format: ['implicit', 'starttls', 'optional', 'off'],
  },
  username: { doc: 'User name for the login', format: 'string', env: 'SMTP_USERNAME' },
  password: { doc: 'Password for the login', format: 'string', env: 'SMTP_PASSWORD', sensitive: true },
  timeout: {
    doc: 'Time limit for connecting and for each reply of the mail server',
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
   * Does not contact the mail server, so an application can start while its mail server is down.
   *
   * @throws {@link MailerConfigError} when an option of the backend is missing or cannot be used
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
        if (!folder) throw this.#missing('folder', 'set `folder` to the path of the folder for the messages');
        const mailer = new FileMailer({ ...settings, folder });
        await mailer.createFolder();
        return mailer;
      }
      case 'smtp':
        if (!host) throw this.#missing('host', 'set `host` to the name of the mail server, or use another `backend`');
        return new SmtpMailer({ ...settings, ...server, host, timeoutMs: timeout });
    }
  }

  #missing(option: string, help: string): MailerConfigError {
    return MailerConfigError.missing(option, this.config.backend, help);
  }
}
