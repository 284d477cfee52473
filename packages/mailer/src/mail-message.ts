/** An address: `ada@example.org`, `Ada <ada@example.org>`, or its two parts. */
export type MailAddress = string | { readonly name?: string | undefined; readonly address: string };

/** One or several addresses; a string may hold several, with commas between them. */
export type MailAddresses = MailAddress | readonly MailAddress[];

/**
 * A file that goes with a message: its content, or the path that it is read from while the message is sent. The content
 * is not copied, so do not change it before the message is sent.
 */
export type MailAttachment = {
  /** The name that the reader sees; that of `path` if not said. */
  readonly filename?: string | undefined;
  /** The media type; derived from the file's name if not said. */
  readonly contentType?: string | undefined;
  /** Makes the attachment part of the HTML, which shows it as `<img src="cid:…">`. */
  readonly cid?: string | undefined;
} & (
  | { readonly content: string | Uint8Array; readonly path?: undefined }
  | { readonly path: string; readonly content?: undefined }
);

/** What {@link Mailer.send} sends. A sender and one recipient are needed, from here or from the mailer's defaults. */
export interface MailMessage {
  readonly from?: MailAddress | undefined;
  readonly to?: MailAddresses | undefined;
  readonly cc?: MailAddresses | undefined;
  /** Recipients that nobody else sees: they stand in no header, in no file and on no wire but as recipients. */
  readonly bcc?: MailAddresses | undefined;
  readonly replyTo?: MailAddresses | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments?: readonly MailAttachment[] | undefined;
  /** Further headers, such as `{ 'List-Id': '<news.example.org>' }`; the fields above win over them. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
}

/** What a mailer fills in where a message says nothing. `to` is for messages that name no recipient whatever. */
export type MailDefaults = Pick<MailMessage, 'from' | 'to' | 'replyTo' | 'headers'>;

/** A recipient that the server refused. */
export interface RefusedRecipient {
  readonly recipient: string;
  /** The server's answer for this recipient. */
  readonly answer: string;
  /** Whether the server may accept this recipient later: its answer was 4xx. */
  readonly temporary: boolean;
}

/** What became of a message. */
export interface SentMail {
  /** The `Message-ID` header, angle brackets included. */
  readonly messageId: string;
  readonly accepted: readonly string[];
  /** Recipients that the server refused while it took others; a message that it refuses for all is an error. */
  readonly rejected: readonly string[];
  /** The refused recipients with the server's answers; send the message again to those that are `temporary`. */
  readonly refusals?: readonly RefusedRecipient[] | undefined;
  /** The server's last answer, if there was a server. */
  readonly answer?: string | undefined;
  /** Where the message was written, if it was written to a file. */
  readonly file?: string | undefined;
}
