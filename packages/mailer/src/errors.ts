/**
 * The errors of mail.
 *
 * Each class is one thing that a caller handles differently: fix the message, try the delivery again or drop it, fix
 * the configuration, look after the mails that a stop cut off. No text contains a password or the content of a mail.
 */
import { AsphaltError, describeThrown, type Explanation } from '@asphalt/core';

import type { MailMessage, RefusedRecipient } from './mail-message.ts';

/** A message cannot be sent as it is. Nothing was connected or written. */
export class MailMessageError extends AsphaltError {
  readonly code = 'ERR_MAIL_MESSAGE';
  readonly subject: string | undefined;
  /** The same message fails again, whenever it is sent. */
  readonly temporary = false;

  constructor(message: MailMessage, explanation: Explanation, options?: ErrorOptions) {
    const details = [['mail', quoted(message.subject)] as const, ...(explanation.details ?? [])];
    super({ ...explanation, details }, options);
    this.subject = message.subject;
  }

  /** @internal */
  static senders(message: MailMessage, count: number): MailMessageError {
    return new MailMessageError(message, {
      summary: count === 0 ? 'A mail has no sender' : `A mail has ${count} senders, it needs one`,
      help: ['give the message one `from`', 'set `from` in the configuration of the mailer'],
    });
  }

  /** @internal */
  static noRecipient(message: MailMessage): MailMessageError {
    return new MailMessageError(message, {
      summary: 'A mail has no recipient',
      help: ['give the message a `to`, `cc` or `bcc`', 'set `to` in the configuration of the mailer'],
    });
  }

  /** @internal */
  static notAnAddress(message: MailMessage, field: string, got: string): MailMessageError {
    return new MailMessageError(message, {
      summary: `A mail has something other than an address in \`${field}\``,
      details: [['got', JSON.stringify(got)]],
      help: 'write it as "name@domain" or "Display Name <name@domain>"',
    });
  }

  /** @internal */
  static addressHeader(message: MailMessage, header: string): MailMessageError {
    return new MailMessageError(message, {
      summary: 'A mail has an address among its `headers`',
      details: [['got', JSON.stringify(header)]],
      help: "use the message's own `from`, `to`, `cc`, `bcc` or `replyTo`",
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
          ['got', told(cause)],
        ],
        help: "correct the attachment's `path`, or give its `content`",
      },
      { cause },
    );
  }
}

/** What kept a message from being delivered. */
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
    what: 'the server did not answer in time',
    help: 'check `host` and `port` of the mailer, or raise its `timeout`',
  },
  tls: {
    what: 'the connection could not be secured',
    help:
      'set `tls` of the mailer to what the server offers (implicit, starttls, optional, off),\n' +
      'and `host` to the name in its certificate',
  },
  login: { what: 'the server refused the login', help: 'check `username` and `password` of the mailer' },
  addresses: {
    what: 'its sender or its recipients were refused',
    help: 'correct the addresses, or have the server accept them',
  },
  message: { what: 'the message was refused', help: "change the message as the server's answer says" },
  folder: { what: 'it could not be written', help: 'check that the folder can be written to and has room' },
  stopped: {
    what: 'the application stopped before it was sent',
    help: 'wait for `send` before the component that sends stops, or raise `drain` of the mailer',
  },
  closed: { what: 'the mailer is closed', help: 'send mail only while the application runs' },
};

/** A delivery that failed, as a backend describes it. */
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

/** A message was valid, and no recipient received it. */
export class MailDeliveryError extends AsphaltError {
  readonly code = 'ERR_MAIL_DELIVERY';
  readonly failure: DeliveryFailure;
  /** Whether a later attempt may succeed. It delivers twice if only the server's last reply was lost. */
  readonly temporary: boolean;
  readonly recipients: readonly string[];
  /** The server, as `host:port`, if the message was for one. */
  readonly server: string | undefined;
  /** The server's answer, if it gave one. */
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
          ['got', answer === undefined && options?.cause !== undefined ? told(options.cause) : undefined],
        ],
        help: answer !== undefined && temporary ? [help, 'send it again later: the server calls this temporary'] : help,
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

/** A mailer closed, and mails were lost that were still being sent. */
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

/** An option of a mailer is missing or cannot be used. */
export class MailerConfigError extends AsphaltError {
  readonly code = 'ERR_MAIL_CONFIG';
  readonly option: string;

  constructor(option: string, explanation: Explanation, options?: ErrorOptions) {
    super(explanation, options);
    this.option = option;
  }

  /** @internal */
  static missing(option: string, backend: string, help: string): MailerConfigError {
    return new MailerConfigError(option, {
      summary: `A mailer with backend "${backend}" needs the option \`${option}\``,
      help,
    });
  }

  /** @internal */
  static halfLogin(hasPassword: boolean): MailerConfigError {
    const [there, missing] = hasPassword ? ['password', 'username'] : ['username', 'password'];
    return new MailerConfigError(missing, {
      summary: `A mailer has a \`${there}\` but no \`${missing}\``,
      help: ['set both', 'set neither, for a server that wants no login'],
    });
  }

  /** @internal */
  static outOfRange(option: string, got: number, expected: string): MailerConfigError {
    return new MailerConfigError(option, {
      summary: `A mailer cannot use its \`${option}\``,
      details: [['got', String(got)]],
      help: `set \`${option}\` to ${expected}`,
    });
  }

  /** @internal */
  static unusableFolder(folder: string, cause: unknown): MailerConfigError {
    return new MailerConfigError(
      'folder',
      {
        summary: 'A mailer cannot use its `folder`',
        details: [
          ['path', folder],
          ['got', told(cause)],
        ],
        help: 'set `folder` to one that exists or can be made',
      },
      { cause },
    );
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

function told(cause: unknown): string {
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
