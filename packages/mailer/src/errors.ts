/**
 * The errors of this package.
 *
 * Each class is a failure that a caller handles differently: fix the message, repeat or drop the delivery, fix the
 * configuration, or handle the mails that a stop aborted. No text contains a password or the content of a mail.
 */
import { AsphaltError } from '@asphalt/core';
import { describeThrown, type Explanation } from '@asphalt/core/errors';
import type { MailMessage, RefusedRecipient } from './mail-message.ts';

/** Thrown when a message cannot be sent as it is, before the mailer connects or writes anything. */
export class MailMessageError extends AsphaltError {
  readonly code = 'ERR_MAIL_MESSAGE';
  readonly subject: string | undefined;
  /** Always `false`: sending the same message again fails again. */
  readonly temporary = false;

  constructor(message: MailMessage, explanation: Explanation, options?: ErrorOptions) {
    const details = [['mail', quoted(message.subject)] as const, ...(explanation.details ?? [])];
    super({ ...explanation, details }, options);
    this.subject = message.subject;
  }

  /** @internal */
  static senders(message: MailMessage, count: number): MailMessageError {
    return new MailMessageError(message, {
      summary: count === 0 ? 'A mail has no sender' : `A mail has ${count} senders instead of one`,
      help: ['set `from` of the message to one address', 'set `from` in the configuration of the mailer'],
    });
  }

  /** @internal */
  static noRecipient(message: MailMessage): MailMessageError {
    return new MailMessageError(message, {
      summary: 'A mail has no recipient',
      help: ['set `to`, `cc` or `bcc` of the message', 'set `to` in the configuration of the mailer'],
    });
  }

  /** @internal */
  static notAnAddress(message: MailMessage, field: string, got: string): MailMessageError {
    return new MailMessageError(message, {
      summary: `A mail has a malformed address in \`${field}\``,
      details: [['got', JSON.stringify(got)]],
      help: 'write it as "name@domain" or "Display Name <name@domain>"',
    });
  }

  /** @internal */
  static addressHeader(message: MailMessage, header: string): MailMessageError {
    return new MailMessageError(message, {
      summary: 'A mail sets an address header in `headers`',
      details: [['got', JSON.stringify(header)]],
      help: 'use the fields `from`, `to`, `cc`, `bcc` or `replyTo` of the message',
    });
  }

  /** @internal */
  static unreadable(message: MailMessage, path: string, cause: unknown): MailMessageError {
    return new MailMessageError(
      message,
      {
        summary: 'A mail has an attachment that cannot be read',
        details: [
          ['path', path],
          ['got', messageOf(cause)],
        ],
        help: 'correct `path` of the attachment, or set its `content`',
      },
      { cause },
    );
  }
}

/** Why a message was not delivered. */
export type DeliveryFailure =
  | 'connection'
  | 'timeout'
  | 'tls'
  | 'login'
  | 'addresses'
  | 'message'
  | 'folder'
  | 'stopped'
  | 'closed';

const failures: Record<DeliveryFailure, { readonly what: string; readonly help: string }> = {
  connection: {
    what: 'the connection to the server failed',
    help: 'check `host` and `port` of the mailer, and that the server runs and can be reached from here',
  },
  timeout: {
    what: 'the server did not respond in time',
    help: 'check `host` and `port` of the mailer, or raise its `timeout`',
  },
  tls: {
    what: 'the connection could not be secured',
    help:
      'set `tls` of the mailer to a mode that the server supports (implicit, starttls, optional, off),\n' +
      'and `host` to the name in its certificate',
  },
  login: { what: 'the server refused the login', help: 'check `username` and `password` of the mailer' },
  addresses: {
    what: 'the server refused its sender or its recipients',
    help: 'correct the addresses, or configure the server to accept them',
  },
  message: { what: 'the server refused the message', help: "change the message; the server's answer names the reason" },
  folder: { what: 'the file could not be written', help: 'check that the folder is writable and the disk has space' },
  stopped: {
    what: 'the application stopped before it was sent',
    help: 'wait for `send` before the component that sends stops, or raise `drain` of the mailer',
  },
  closed: { what: 'the mailer is closed', help: 'send mail only while the application runs' },
};

/** The data of a {@link MailDeliveryError}, which a backend provides. */
export interface FailedDelivery {
  readonly subject: string | undefined;
  readonly recipients: readonly string[];
  readonly failure: DeliveryFailure;
  readonly server?: string | undefined;
  readonly folder?: string | undefined;
  readonly answer?: string | undefined;
  readonly temporary?: boolean;
  readonly refusals?: readonly RefusedRecipient[];
}

/** Thrown when no recipient received a valid message. */
export class MailDeliveryError extends AsphaltError {
  readonly code = 'ERR_MAIL_DELIVERY';
  readonly failure: DeliveryFailure;
  /** Whether a later attempt may succeed. It delivers twice if only the server's last reply was lost. */
  readonly temporary: boolean;
  readonly recipients: readonly string[];
  /** The server, as `host:port`, if the backend uses one. */
  readonly server: string | undefined;
  /** The server's reply, if it sent one. */
  readonly answer: string | undefined;
  /** The recipients that the server refused one by one; empty if it refused the whole message. */
  readonly refusals: readonly RefusedRecipient[];

  constructor(delivery: FailedDelivery, options?: ErrorOptions) {
    const { failure, server, recipients, answer, temporary = false, refusals = [] } = delivery;
    const { what, help } = failures[failure];
    super(
      {
        summary: `A mail was not delivered: ${what}`,
        details: [
          ['mail', quoted(delivery.subject)],
          ['server', server],
          ['folder', delivery.folder],
          ['recipients', shortened(recipients)],
          ['answer', answer],
          ['got', answer === undefined && options?.cause !== undefined ? messageOf(options.cause) : undefined],
        ],
        help:
          answer !== undefined && temporary
            ? [help, 'send it again later: the server reported a temporary failure']
            : help,
      },
      options,
    );
    this.failure = failure;
    this.temporary = temporary;
    this.recipients = recipients;
    this.server = server;
    this.answer = answer;
    this.refusals = refusals;
  }

  /** @internal */
  static smtp(
    mail: Attempt,
    server: string,
    failed: Omit<FailedDelivery, keyof Attempt | 'subject'>,
    cause: unknown,
  ): MailDeliveryError {
    return new MailDeliveryError({ ...attempted(mail), ...failed, server }, { cause });
  }

  /** @internal */
  static writing(mail: Attempt, folder: string, cause: unknown): MailDeliveryError {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const temporary = /^(ENOSPC|EDQUOT|EMFILE|ENFILE|EAGAIN|EBUSY|EIO)$/.test(code);
    return new MailDeliveryError({ ...attempted(mail), failure: 'folder', folder, temporary }, { cause });
  }

  /** @internal */
  static ended(mail: Attempt, failure: 'stopped' | 'closed'): MailDeliveryError {
    return new MailDeliveryError({ ...attempted(mail), failure, temporary: true });
  }
}

/** A mail that was not sent when its mailer closed. */
export interface UnsentMail {
  readonly subject: string | undefined;
  readonly recipients: readonly string[];
  /** The error that its call of {@link Mailer.send} threw. */
  readonly error: unknown;
}

/** Thrown when a mailer closes before it delivered all pending mails. */
export class UnsentMailError extends AsphaltError {
  readonly code = 'ERR_MAIL_UNSENT';

  constructor(readonly mails: readonly UnsentMail[]) {
    super({
      summary: `${mails.length} ${mails.length === 1 ? 'mail was' : 'mails were'} not sent before the mailer closed`,
      details: mails.map(({ subject, recipients, error }, index) => [
        `${index + 1}.`,
        `${quoted(subject) ?? 'no subject'} to ${shortened(recipients) ?? 'no recipient'}: ${reasonOf(error)}`,
      ]),
      help: [
        'wait for `send` before the component that sends stops, and keep mails that fail with `temporary`',
        'raise `drain` of the mailer, and `stopTimeout` of the application with it',
      ],
    });
  }
}

/** Thrown when an option of a mailer is missing or cannot be used. */
export class MailerConfigError extends AsphaltError {
  readonly code = 'ERR_MAIL_CONFIG';
  readonly option: string;

  constructor(option: string, explanation: Explanation, options?: ErrorOptions) {
    super(explanation, options);
    this.option = option;
  }

  /** @internal */
  static halfLogin(hasPassword: boolean): MailerConfigError {
    const [present, missing] = hasPassword ? ['password', 'username'] : ['username', 'password'];
    return new MailerConfigError(missing, {
      summary: `A mailer has a \`${present}\` but no \`${missing}\``,
      help: ['set both', 'set neither if the server requires no login'],
    });
  }

  /** @internal */
  static outOfRange(option: string, got: number, expected: string): MailerConfigError {
    return new MailerConfigError(option, {
      summary: `\`${option}\` of a mailer is out of range`,
      details: [['got', String(got)]],
      help: `set \`${option}\` to ${expected}`,
    });
  }

  /** @internal */
  static unusableFolder(folder: string, cause: unknown): MailerConfigError {
    const explanation: Explanation = {
      summary: 'A mailer cannot create its `folder`',
      details: [
        ['path', folder],
        ['got', messageOf(cause)],
      ],
      help: 'set `folder` to a folder that exists or can be created',
    };
    return new MailerConfigError('folder', explanation, { cause });
  }
}

/** The part of a mail that its errors show. */
interface Attempt {
  readonly message: MailMessage;
  readonly recipients: readonly string[];
}

function attempted({ message: { subject }, recipients }: Attempt): Pick<FailedDelivery, 'subject' | 'recipients'> {
  return { subject, recipients };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function reasonOf(error: unknown): string {
  if (error instanceof MailDeliveryError)
    return failures[error.failure].what + (error.answer ? `: ${error.answer}` : '');
  return describeThrown(error);
}

function quoted(subject: string | undefined): string | undefined {
  return subject === undefined ? undefined : JSON.stringify(subject);
}

function shortened(recipients: readonly string[], most = 5): string | undefined {
  if (recipients.length === 0) return undefined;
  const rest = recipients.length - most;
  return rest > 0 ? `${recipients.slice(0, most).join(', ')} and ${rest} more` : recipients.join(', ');
}
