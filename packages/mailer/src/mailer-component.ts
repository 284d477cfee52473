import { Component, component, provides } from '@asphalt/core';

import { FileMailer } from './file-mailer.ts';
import { Mailer, type MailerSettings } from './mailer.ts';
import { mailerOptions } from './mailer-options.ts';
import { MemoryMailer } from './memory-mailer.ts';
import { SmtpMailer } from './smtp-mailer.ts';

/** Publishes a {@link Mailer} whose backend and defaults come from the configuration. */
@component({ config: mailerOptions, description: 'Sends mail over SMTP, into a folder or into memory' })
export class MailerComponent extends Component<typeof mailerOptions> {
  /**
   * Does not contact the mail server, so an application can start while its mail server is down.
   *
   * @throws {@link MailerConfigError} when the folder cannot be created
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
    // The check of the options ensures that those of the backend are set.
    switch (backend) {
      case 'memory':
        return new MemoryMailer(settings);
      case 'file': {
        const mailer = new FileMailer({ ...settings, folder: folder! });
        await mailer.createFolder();
        return mailer;
      }
      case 'smtp':
        return new SmtpMailer({ ...settings, ...server, host: host!, timeoutMs: timeout });
    }
  }
}
