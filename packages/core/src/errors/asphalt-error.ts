/**
 * The base class of all errors of the runtime, and the only renderer of their messages.
 *
 * An error is data: its class, its `code` and its fields. This file renders the message from an `Explanation`, so that
 * all messages have the same shape and tools can use the parts. It depends on no other part of the runtime.
 */

import { channel } from 'node:diagnostics_channel';
import { inspect } from 'node:util';

/** The parts of a message, in the order in which they are printed. */
export interface Explanation {
  /** What failed, in the user's terms: at most 110 characters, no full stop. */
  readonly summary: string;
  /** Labelled lines: the location, the evidence and the reason. Lines without text are omitted. */
  readonly details?: ReadonlyArray<readonly [label: string, text: string | undefined]>;
  /** How to fix it. Several entries are alternatives. */
  readonly help?: string | readonly string[] | undefined;
  /** The faulty place in a file, for tools. It is not rendered, because a labelled line already shows it. */
  readonly place?: { readonly file: string; readonly line: number; readonly column: number } | undefined;
}

const brand: unique symbol = Symbol.for('@asphalt/core/error') as never;
const labelWidth = 13;
/** Tools subscribe to it. The constructor of the error's class sets `code` and the other fields after the event. */
const created = channel('asphalt:error');

/** An error with a stable {@link AsphaltError.code} and a message that explains how to fix it. */
export abstract class AsphaltError extends Error {
  /** Identifies the kind of error; stable across releases and listed in `docs/reference/errors.md`. */
  abstract readonly code: string;
  /** The first line of the message. */
  declare readonly summary: string;
  declare readonly explanation: Explanation;

  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explanation.summary, options);
    // These properties are not enumerable, so that `inspect()` does not repeat the message.
    Object.defineProperties(this, {
      [brand]: { value: true },
      name: { configurable: true, writable: true, value: new.target.name },
      explanation: { value: explanation },
      summary: { value: explanation.summary },
      // Subclasses set their fields, including `code`, after this constructor, so the text is rendered when it is read.
      message: { configurable: true, get: () => render(explanation, this.code) },
    });
    if (created.hasSubscribers) created.publish(this);
  }

  /** Returns whether a value is an error of this runtime, including other installed copies of it. */
  static is(error: unknown): error is AsphaltError {
    return error instanceof Error && brand in error;
  }
}

/** Renders an explanation: the summary, then its labelled lines, help and code. */
export function render(explanation: Explanation, code?: string): string {
  const lines = [explanation.summary];
  for (const [label, text] of explanation.details ?? []) {
    if (text !== undefined) lines.push(labelled(label, text));
  }
  const help = explanation.help ?? [];
  const helps = typeof help === 'string' ? [help] : help;
  if (helps.length > 0) lines.push(labelled('help', helps.join('\nor ')));
  if (code !== undefined) lines.push(labelled('code', code));
  return lines.join('\n');
}

/** Indents the text of a label so that its lines align. A drawing has an empty label. */
function labelled(label: string, text: string): string {
  if (label === '') return text.replace(/^/gm, '    ');
  // A numbered item contains text with labels of its own.
  const start = `  ${/^\d+\.$/.test(label) ? `${label} ` : label.padEnd(labelWidth)}`;
  const [first = '', ...rest] = text.split('\n');
  return [`${start}${first}`, ...rest.map((line) => ' '.repeat(start.length) + line)].join('\n');
}

/** Describes any thrown value in one line. */
export function describeThrown(thrown: unknown): string {
  try {
    if (AsphaltError.is(thrown)) return thrown.summary;
    const [line = ''] = describe(thrown).split('\n', 1);
    return line;
  } catch {
    // A getter or a proxy may throw.
    return 'threw a value that cannot be described';
  }
}

/** Returns the full message of an `AsphaltError` and one line for any other error. */
export function wholeText(error: unknown): string {
  return AsphaltError.is(error) ? error.message : describeThrown(error);
}

function describe(thrown: unknown): string {
  if (thrown instanceof Error) {
    const message = thrown.message === '' ? messagesIn(thrown) : thrown.message;
    return message === '' ? thrown.name : `${thrown.name}: ${message}`;
  }
  const value =
    typeof thrown === 'string'
      ? JSON.stringify(thrown.split('\n', 1)[0])
      : inspect(thrown, { depth: 0, breakLength: Infinity });
  return `threw a non-Error value: ${value}`;
}

/** Returns the messages of the errors in an error without a message of its own, such as that of a failed connection. */
function messagesIn(error: Error): string {
  const { errors } = error as { errors?: unknown };
  if (!Array.isArray(errors)) return '';
  const messages = errors.flatMap((each) =>
    each instanceof Error && each.message !== '' ? each.message.split('\n', 1) : [],
  );
  const more = messages.length - 2;
  return `${messages.slice(0, 2).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
