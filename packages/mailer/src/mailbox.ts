/** Reads addresses. Messages and the options of the component accept the same texts. */
import parse from 'nodemailer/lib/addressparser';

import type { MailAddress } from './mail-message.ts';

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Returns the mailboxes of an entry; a text may contain several, separated by commas. */
export function mailboxesOf(entry: MailAddress): readonly Mailbox[] {
  return typeof entry === 'string'
    ? parse(entry, { flatten: true })
    : [{ name: entry.name ?? '', address: entry.address }];
}

/** Returns the first mailbox whose address is malformed. */
export function findMalformed(mailboxes: readonly Mailbox[]): Mailbox | undefined {
  return mailboxes.find(({ address }) => !/.@./.test(address));
}
