import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { ComposedMail } from './compose-mail.ts';
import { MailDeliveryError, MailerConfigError } from './errors.ts';
import type { SentMail } from './mail-message.ts';
import { Mailer, type MailerSettings } from './mailer.ts';

export interface FileMailerSettings extends MailerSettings {
  /** Where the messages are written; made if it is not there. */
  readonly folder: string;
}

/**
 * Writes each message into a folder, as one `.eml` file that mail programs open.
 *
 * The names sort by time. A file has its name only once it is complete and on disk, so a reader never meets half
 * a message; what is being written is named `.….part`.
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
   * Makes the folder, so that a wrong one is found now and not with the first message.
   *
   * @throws {@link MailerConfigError} when it can neither be found nor made
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
      // The failure to report is the first one; a file that cannot be removed either changes nothing about it.
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw MailDeliveryError.writing(mail, this.folder, cause);
    } finally {
      source.destroy();
    }
    return { messageId: mail.messageId, accepted: mail.recipients, rejected: [], file };
  }

  /** Time, a count for messages of one millisecond, and chance for other processes that write to the same folder. */
  #nextName(): string {
    const now = Date.now();
    // A clock that was set back must not reorder the messages of one mailer.
    this.#sameTime = now > this.#last ? 0 : this.#sameTime + 1;
    this.#last = Math.max(now, this.#last);
    const time = new Date(this.#last).toISOString().replaceAll(/[:.]/g, '-');
    return `${time}-${String(this.#sameTime).padStart(4, '0')}-${randomBytes(4).toString('hex')}.eml`;
  }
}
