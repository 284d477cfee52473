/** An address: `ada@example.org`, `Ada <ada@example.org>`, or its two parts. */
export type MailAddress = string | { readonly name?: string | undefined; readonly address: string };

/** One or several addresses; a string may contain several, separated by commas. */
export type MailAddresses = MailAddress | readonly MailAddress[];

/**
 * A file attached to a message, as its content or as a path. The file at `path` is read while the message is sent. The
 * mailer does not copy `content`, so do not change it before the message is sent.
 */
export type MailAttachment = {
  /** The displayed name; defaults to the file name of `path`. */
  readonly filename?: string | undefined;
  /** The media type; derived from the file name by default. */
  readonly contentType?: string | undefined;
  /** Embeds the attachment in the HTML, which shows it as `<img src="cid:…">`. */
  readonly cid?: string | undefined;
} & (
  | { readonly content: string | Uint8Array; readonly path?: undefined }
  | { readonly path: string; readonly content?: undefined }
);

/** A message for {@link Mailer.send}. It or the mailer's defaults must name a sender and at least one recipient. */
export interface MailMessage {
  readonly from?: MailAddress | undefined;
  readonly to?: MailAddresses | undefined;
  readonly cc?: MailAddresses | undefined;
  /** Hidden recipients. They appear in no header and no file; only the SMTP envelope contains them. */
  readonly bcc?: MailAddresses | undefined;
  readonly replyTo?: MailAddresses | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments?: readonly MailAttachment[] | undefined;
  /** Further headers, such as `{ 'List-Id': '<news.example.org>' }`. Address headers are refused; `subject` wins. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
}

/** Values for fields that a message does not set. `to` applies only to messages without any recipient field. */
export type MailDefaults = Pick<MailMessage, 'from' | 'to' | 'replyTo' | 'headers'>;

/** A recipient that the server refused. */
export interface RefusedRecipient {
  readonly recipient: string;
  /** The server's reply for this recipient. */
  readonly answer: string;
  /** Whether the server may accept this recipient later: it replied with 4xx. */
  readonly temporary: boolean;
}

/** The result of a delivery. */
export interface SentMail {
  /** The `Message-ID` header, angle brackets included. */
  readonly messageId: string;
  readonly accepted: readonly string[];
  /** Recipients that the server refused while it accepted others. If it refuses all of them, the delivery fails. */
  readonly rejected: readonly string[];
  /** The refused recipients with the server's replies; send the message again to those that are `temporary`. */
  readonly refusals?: readonly RefusedRecipient[] | undefined;
  /** The server's last reply, if the backend uses a server. */
  readonly answer?: string | undefined;
  /** The path of the file, if the backend writes files. */
  readonly file?: string | undefined;
}
