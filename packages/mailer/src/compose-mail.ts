/**
 * Turns a message into the bytes and the addresses that every backend delivers.
 *
 * All checks of a message stand here, so that the backends refuse the same messages in the same words, and
 * refuse them before anything is connected or written. What is read from disk is read here; nothing is ever
 * fetched from a URL. nodemailer is imported with the first message: a start need not wait for it.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { MailMessageError } from './errors.ts';
import type { MailAddress, MailAddresses, MailAttachment, MailDefaults, MailMessage } from './mail-message.ts';

/** A message that can be delivered as it is. */
export interface ComposedMail {
  /** The message with the mailer's defaults filled in. */
  readonly message: MailMessage;
  readonly messageId: string;
  /** The sender's bare address. */
  readonly sender: string;
  /** The bare addresses of To, Cc and Bcc, each once. */
  readonly recipients: readonly string[];
  /** The whole message as RFC 5322 has it, with CRLF line ends and without Bcc. */
  readonly source: Buffer;
}

interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Fills in what the message leaves open. A recipient list that is empty is an answer, not a gap. */
export function withDefaults(message: MailMessage, defaults: MailDefaults): MailMessage {
  const addressed = message.to !== undefined || message.cc !== undefined || message.bcc !== undefined;
  return {
    ...message,
    from: message.from ?? defaults.from,
    to: addressed ? message.to : defaults.to,
    replyTo: message.replyTo ?? defaults.replyTo,
    headers: { ...defaults.headers, ...message.headers },
  };
}

/**
 * Checks a message and writes it out.
 *
 * @throws {@link MailMessageError} when sender or recipient is missing, an address is none, or an attachment
 * cannot be read
 */
export async function composeMail(message: MailMessage): Promise<ComposedMail> {
  const [{ default: MailComposer }, { default: parse }] = await Promise.all([
    import('nodemailer/lib/mail-composer'),
    import('nodemailer/lib/addressparser'),
  ]);
  const mailboxes = (field: AddressField): Mailbox[] =>
    listed(message[field]).flatMap((entry) => {
      const parsed = typeof entry === 'string' ? parse(entry, { flatten: true }) : [mailbox(entry)];
      const wrong = parsed.find(({ address }) => !/.@./.test(address));
      if (wrong !== undefined) throw MailMessageError.notAnAddress(message, field, wrong.address || wrong.name);
      return parsed;
    });

  const from = mailboxes('from');
  if (from.length !== 1) throw MailMessageError.senders(message, from.length);
  const to = mailboxes('to');
  const cc = mailboxes('cc');
  const bcc = mailboxes('bcc');
  if (to.length + cc.length + bcc.length === 0) throw MailMessageError.noRecipient(message);

  const composer = new MailComposer({
    from,
    to,
    cc,
    bcc,
    replyTo: mailboxes('replyTo'),
    subject: message.subject,
    text: message.text,
    html: message.html,
    headers: headersOf(message),
    attachments: await Promise.all((message.attachments ?? []).map((attachment) => read(message, attachment))),
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const root = composer.compile();
  const envelope = root.getEnvelope();
  return {
    message,
    messageId: root.messageId(),
    sender: envelope.from || '',
    recipients: envelope.to,
    source: await root.build(),
  };
}

type AddressField = 'from' | 'to' | 'cc' | 'bcc' | 'replyTo';

function listed(value: MailAddresses | undefined): readonly MailAddress[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

/** `Array.isArray` does not narrow a union with a readonly array. */
function isList(value: MailAddresses): value is readonly MailAddress[] {
  return Array.isArray(value);
}

function mailbox(entry: Exclude<MailAddress, string>): Mailbox {
  return { name: entry.name ?? '', address: entry.address };
}

/** Address headers would add recipients that were not checked, so their fields are the only way to say them. */
function headersOf(message: MailMessage): { key: string; value: string }[] {
  return Object.entries(message.headers ?? {}).flatMap(([key, value]) => {
    if (/^\s*(from|to|cc|bcc|reply-to)\s*$/i.test(key)) throw MailMessageError.addressHeader(message, key.trim());
    return (typeof value === 'string' ? [value] : value).map((one) => ({ key, value: one }));
  });
}

async function read(message: MailMessage, attachment: MailAttachment): Promise<NodemailerAttachment> {
  const { filename, contentType, cid } = attachment;
  // Without a name, `false` keeps nodemailer from inventing one.
  if (attachment.content !== undefined) {
    return { contentType, cid, filename: filename ?? false, content: bytes(attachment.content) };
  }
  try {
    const content = await readFile(attachment.path);
    return { contentType, cid, filename: filename ?? basename(attachment.path), content };
  } catch (cause) {
    throw MailMessageError.unreadable(message, attachment.path, cause);
  }
}

interface NodemailerAttachment {
  readonly filename: string | false;
  readonly contentType: string | undefined;
  readonly cid: string | undefined;
  readonly content: Buffer;
}

function bytes(content: string | Uint8Array): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
