import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { ComposedMail } from './compose-mail.ts';
import { MailDeliveryError, MailerConfigError } from './errors.ts';
import type { SentMail } from './mail-message.ts';
import { Mailer, type MailerSettings } from './mailer.ts';

export interface FileMailerSettings extends MailerSettings {
  /** The folder for the messages; created if it does not exist. */
  readonly folder: string;
}

/**
 * Writes each message to a folder, as an `.eml` file that mail programs can open.
 *
 * File names sort by time. A file receives its name when it is complete and on disk, so readers never see a partial
 * message. A file that is still being written is named `.….part`.
 */
export class FileMailer extends Mailer {
  readonly folder: string;
  #last = 0;
  #sameTime = 0;

  constructor(settings: FileMailerSettings) {
    super(settings);
    this.folder = resolve(settings.folder);
  }

  /**
   * Creates the folder, so that an unusable path is reported at the start and not with the first message.
   *
   * @throws {@link MailerConfigError} when the folder does not exist and cannot be created
   */
  async createFolder(): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
    } catch (cause) {
      throw MailerConfigError.unusableFolder(this.folder, cause);
    }
  }

  protected override async deliver(mail: ComposedMail, signal: AbortSignal): Promise<SentMail> {
    const name = this.#nextName();
    const file = join(this.folder, name);
    const unfinished = join(this.folder, `.${name}.part`);
    const source = mail.createReadStream();
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFile(unfinished, source, { flag: 'wx', flush: true, signal });
      await rename(unfinished, file);
    } catch (cause) {
      // Report the first failure, even if the partial file cannot be removed either.
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw MailDeliveryError.writing(mail, this.folder, cause);
    } finally {
      source.destroy();
    }
    return { messageId: mail.messageId, accepted: mail.recipients, rejected: [], file };
  }

  /**
   * Combines the time, a count of the messages in the same millisecond, and random digits, because other processes may
   * write to the same folder.
   */
  #nextName(): string {
    const now = Date.now();
    // Messages keep their order if the clock is set back.
    this.#sameTime = now > this.#last ? 0 : this.#sameTime + 1;
    this.#last = Math.max(now, this.#last);
    const time = new Date(this.#last).toISOString().replaceAll(/[:.]/g, '-');
    return `${time}-${String(this.#sameTime).padStart(4, '0')}-${randomBytes(4).toString('hex')}.eml`;
  }
}
