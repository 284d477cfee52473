/**
 * Checks a message and prepares its source, which every backend delivers.
 *
 * All checks are in this file, so that every backend refuses the same messages with the same errors before it connects
 * or writes anything. The source is a stream that is composed while it is read, so a waiting mail takes no more memory
 * than its message. Attachments are read from files only, never from a URL. The first message imports nodemailer, so
 * that it does not delay the start.
 */
import { constants, createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

import { MailMessageError } from './errors.ts';
import type { MailAddress, MailAddresses, MailAttachment, MailDefaults, MailMessage } from './mail-message.ts';
import { findMalformed, mailboxesOf, type Mailbox } from './mailbox.ts';

/** A message that passed all checks, with its addresses and its source. */
export interface ComposedMail {
  /** The message with the mailer's defaults filled in. */
  readonly message: MailMessage;
  readonly messageId: string;
  /** The sender's bare address. */
  readonly sender: string;
  /** The bare addresses of To, Cc and Bcc, each once. */
  readonly recipients: readonly string[];
  /**
   * Streams the whole message in the form of RFC 5322, with CRLF line ends and without Bcc.
   *
   * The stream composes the message while it is read, in small pieces. Each call returns a new stream. It fails when
   * an attachment can no longer be read; {@link Mailer.send} then throws a {@link MailMessageError}.
   */
  createReadStream(): Readable;
  /** The attachment that a stream failed to read. */
  readonly unreadable?: MailMessageError | undefined;
}

/** Content above this size is encoded in pieces of this size, with a turn of the event loop between them. */
const pieceSize = 64 * 1024;

/** Fills in the fields that the message does not set. An empty recipient list counts as set. */
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
 * Checks a message and prepares its source.
 *
 * @throws {@link MailMessageError} when sender or recipient is missing, an address is malformed, or an attachment
 * cannot be read
 */
export async function composeMail(message: MailMessage): Promise<ComposedMail> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const mailboxes = (field: AddressField): Mailbox[] =>
    listed(message[field]).flatMap((entry) => {
      const parsed = mailboxesOf(entry);
      const wrong = findMalformed(parsed);
      if (wrong !== undefined) throw MailMessageError.notAnAddress(message, field, wrong.address || wrong.name);
      return parsed;
    });

  const from = mailboxes('from');
  if (from.length !== 1) throw MailMessageError.senders(message, from.length);
  const to = mailboxes('to');
  const cc = mailboxes('cc');
  const bcc = mailboxes('bcc');
  if (to.length + cc.length + bcc.length === 0) throw MailMessageError.noRecipient(message);

  const headers = {
    from,
    to,
    cc,
    bcc,
    replyTo: mailboxes('replyTo'),
    subject: message.subject,
    headers: headersOf(message),
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  await Promise.all((message.attachments ?? []).map((attachment) => throwIfUnreadable(message, attachment)));

  const empty = new MailComposer(headers).compile();
  const envelope = empty.getEnvelope();
  const messageId = empty.messageId();
  let unreadable: MailMessageError | undefined;
  return {
    message,
    messageId,
    sender: envelope.from || '',
    recipients: envelope.to,
    get unreadable() {
      return unreadable;
    },
    createReadStream() {
      const composer = new MailComposer({
        ...headers,
        messageId,
        text: message.text && inPieces(message.text),
        html: message.html && inPieces(message.html),
        attachments: (message.attachments ?? []).map((attachment) =>
          attached(attachment, (path, cause) => {
            unreadable = MailMessageError.unreadable(message, path, cause);
          }),
        ),
      });
      return composer.compile().createReadStream();
    },
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

/** Rejects address headers: they would add recipients that were not checked. Messages have fields for addresses. */
function headersOf(message: MailMessage): { key: string; value: string }[] {
  return Object.entries(message.headers ?? {}).flatMap(([key, value]) => {
    if (/^\s*(from|to|cc|bcc|reply-to)\s*$/i.test(key)) throw MailMessageError.addressHeader(message, key.trim());
    return (typeof value === 'string' ? [value] : value).map((one) => ({ key, value: one }));
  });
}

/** Checks for folders explicitly: opening one succeeds, and only reading it fails. */
async function throwIfUnreadable(message: MailMessage, { path }: MailAttachment): Promise<void> {
  if (path === undefined) return;
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).isDirectory()) throw new Error('it is a folder');
  } catch (cause) {
    throw MailMessageError.unreadable(message, path, cause);
  }
}

/** @param failed - called with the error when the file cannot be read */
function attached(
  { filename, contentType, cid, path, content }: MailAttachment,
  failed: (path: string, cause: unknown) => void,
): NodemailerAttachment {
  // `false` prevents nodemailer from generating a file name.
  if (path === undefined) return { contentType, cid, filename: filename ?? false, content: inPieces(bytes(content)) };
  const source = Readable.from(fileContent(path, failed), { objectMode: false });
  return { contentType, cid, filename: filename ?? basename(path), content: source };
}

interface NodemailerAttachment {
  readonly filename: string | false;
  readonly contentType: string | undefined;
  readonly cid: string | undefined;
  readonly content: Buffer | Readable;
}

/** Opens the file on the first read, so that a stream that is never read leaves no file open. */
async function* fileContent(path: string, failed: (path: string, cause: unknown) => void): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>;
  } catch (cause) {
    failed(path, cause);
    throw cause;
  }
}

/** Converts large content to a stream: nodemailer encodes a string or buffer within one turn of the event loop. */
function inPieces<T extends string | Buffer>(content: T): T | Readable {
  return content.length <= pieceSize ? content : Readable.from(pieces(content), { objectMode: false });
}

async function* pieces(content: string | Buffer): AsyncGenerator<Buffer> {
  const whole = bytes(content);
  for (let start = 0; start < whole.length; start += pieceSize) {
    yield whole.subarray(start, start + pieceSize);
    await setImmediate();
  }
}

function bytes(content: string | Uint8Array): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
