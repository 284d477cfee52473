/** The errors of messaging. No message quotes payloads, because they may be secret. */
import { AsphaltError } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';
import type { Place } from '@asphalt/core/inspect';

/** Thrown when the engine lacks a feature. */
export class MessagingUnsupportedError extends AsphaltError {
  readonly code = 'ERR_MESSAGING_UNSUPPORTED';

  constructor(
    readonly engine: string,
    /** The feature, such as `topics`. */
    readonly feature: string,
    /** The name of the topic, leader or schedule. */
    readonly subject: string,
    help = 'use another engine, such as that of @asphalt/messaging/nats',
  ) {
    super({
      summary: `The ${engine} engine does not support ${feature}`,
      details: [['in', `"${subject}"`]],
      help,
    });
  }
}

/** Thrown when a queue, a topic, a leader or a message cannot have an option. */
export class MessagingOptionError extends AsphaltError {
  readonly code = 'ERR_MESSAGING_OPTION';

  constructor(
    /** The queue, topic, group or leader, such as `queue "mails"`. */
    readonly subject: string,
    readonly option: string,
    /** The problem, worded to follow the option: `must be …`. */
    readonly problem: string,
    help?: string,
  ) {
    super({ summary: `\`${option}\` of ${subject} ${problem}`, details: [], help });
  }
}

/** The reason of a dead letter whose payload does not fit the schema of its queue. */
export class MessageSchemaError extends AsphaltError {
  readonly code = 'ERR_MESSAGE_SCHEMA';

  constructor(
    /** The queue or topic. */
    readonly subject: string,
    /** The paths of the faulty parts with the messages of the schema. */
    readonly issues: readonly string[],
  ) {
    super({
      summary: `A message of "${subject}" does not fit its schema`,
      details: [['note', issues.slice(0, 3).join('\n')]],
      help: 'correct the sender, or the schema',
    });
  }
}

/** Thrown where a class with an impossible `@schedule` is declared. */
export class ScheduleError extends AsphaltError {
  readonly code = 'ERR_SCHEDULE';

  constructor(
    readonly expression: string,
    problem: { readonly summary: string; readonly reason?: string; readonly help: string },
    caller: { readonly place: Place; readonly text: string } | undefined,
  ) {
    super({
      summary: problem.summary,
      details: [
        ['declared at', caller?.text],
        ['note', problem.reason],
      ],
      help: problem.help,
      place: caller?.place,
    });
  }
}

/** Thrown at the start when the library of an engine cannot be loaded. */
export class MessagingDriverError extends AsphaltError {
  readonly code = 'ERR_MESSAGING_DRIVER';

  constructor(
    /** The package, such as `bullmq`. */
    readonly driver: string,
    cause: unknown,
  ) {
    super(
      {
        summary: `The library "${driver}" of the engine cannot be loaded`,
        details: [['got', describeThrown(cause)]],
        help: `npm install ${driver}`,
      },
      { cause },
    );
  }
}

/** Thrown at the start when the server of an engine lacks a feature that the engine needs. */
export class MessagingServerError extends AsphaltError {
  readonly code = 'ERR_MESSAGING_SERVER';

  constructor(
    /** The server, as `host:port`. */
    readonly server: string,
    /** The problem, worded to follow the server: `does not run …`. */
    readonly problem: string,
    help: string,
    cause?: unknown,
  ) {
    super({ summary: `The server ${server} ${problem}`, details: [], help }, { cause });
  }
}
