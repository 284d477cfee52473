/** The errors of connections. They show servers as `host:port`, and no secrets. */
import { AsphaltError } from '@asphalt/core';

/** The facts about a connection that could not be established. */
export interface FailedConnection {
  /** The server, as `host:port`. */
  readonly server: string;
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Whether waiting cannot help, for example because the password is wrong. */
  readonly permanent: boolean;
  /** The last error in one line. */
  readonly reason: string;
}

/** Thrown at the start when a required server cannot be used. */
export class ConnectError extends AsphaltError implements FailedConnection {
  readonly code = 'ERR_CONNECT';
  readonly server: string;
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly permanent: boolean;
  readonly reason: string;

  constructor(failed: FailedConnection, cause: unknown) {
    const { server, attempts, elapsedMs, permanent, reason } = failed;
    super(
      {
        summary: short(`Cannot connect to ${server}: ${reason}`),
        details: [
          ['attempts', `${attempts} within ${inSeconds(elapsedMs)}`],
          ['got', reason],
          ['note', permanent ? 'a later attempt would fail in the same way' : undefined],
        ],
        help: permanent
          ? (helpOf(cause) ?? 'correct the options of this component, or the settings of the server')
          : [
              `start the server, or correct its address`,
              'raise `connect.for` if the server needs more time to start',
              'set `required: false` if the application can work without the server',
            ],
      },
      { cause },
    );
    this.server = server;
    this.attempts = attempts;
    this.elapsedMs = elapsedMs;
    this.permanent = permanent;
    this.reason = reason;
  }
}

/** Thrown when code uses a server that is not connected. The call is not stored, so it has no later effect. */
export class OfflineError extends AsphaltError {
  readonly code = 'ERR_OFFLINE';

  constructor(
    /** The server, as `host:port`. */
    readonly server: string,
    readonly state: 'connecting' | 'lost' | 'closed',
  ) {
    super({
      summary: short(`Cannot use ${server}: it is not connected`),
      details: [['state', state]],
      help: state === 'closed' ? 'use the client before its component stops' : 'repeat the call after the outage',
    });
  }
}

/** Thrown when a call exceeds its time limit. The server may have received it. */
export class NoReplyError extends AsphaltError {
  readonly code = 'ERR_NO_REPLY';

  constructor(
    /** The server, as `host:port`. */
    readonly server: string,
    readonly limitMs: number,
  ) {
    super({
      summary: short(`${server} did not reply within ${inSeconds(limitMs)}`),
      details: [['note', 'the server may have received the call']],
      help: ['repeat the call if it has no effect twice', 'raise `timeout` if the server needs more time'],
    });
  }
}

/** Thrown when options of a connection contradict each other, or when a file that they name cannot be read. */
export class ConnectOptionsError extends AsphaltError {
  readonly code = 'ERR_CONNECT_OPTIONS';

  constructor(
    /** The path of the option in its component. */
    readonly option: string,
    /** The problem, worded to follow the option: `must not be set together with …`. */
    readonly problem: string,
    help?: string,
    cause?: unknown,
  ) {
    super(
      {
        summary: short(`The option \`${option}\` ${problem}`),
        details: [['got', cause instanceof Error ? cause.message : undefined]],
        help,
      },
      cause === undefined ? undefined : { cause },
    );
  }
}

/** Thrown when a payload cannot be read or written. The payload itself may be secret, so no message quotes it. */
export class PayloadError extends AsphaltError {
  readonly code = 'ERR_PAYLOAD';

  constructor(
    readonly direction: 'read' | 'write',
    /** The format, such as `JSON`. */
    readonly format: string,
    evidence: string,
  ) {
    super({
      summary: direction === 'read' ? `A payload is not valid ${format}` : `A value cannot be written as ${format}`,
      details: [['got', evidence]],
      help:
        direction === 'read'
          ? 'use the same serializer on both sides'
          : 'send only values that the serializer supports',
    });
  }
}

/** Returns the help of an error of options, which knows the fix. */
function helpOf(cause: unknown): string | readonly string[] | undefined {
  return AsphaltError.is(cause) ? cause.explanation.help : undefined;
}

const longestSummary = 110;

function short(text: string): string {
  return text.length > longestSummary ? `${text.slice(0, longestSummary - 1)}…` : text;
}

function inSeconds(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}
