/**
 * The base of every error that the runtime reports, and the one shape in which they are worded.
 *
 * An error is data first: its class, its `code` and its fields. The text is drawn from an `Explanation`
 * here and nowhere else, so that all messages read alike and tools can use the parts.
 */

import { inspect } from 'node:util';

/** The parts of a message, in the order in which they are printed. */
export interface Explanation {
  /** What happened, in the user's words: at most 110 characters, no full stop. */
  readonly summary: string;
  /** Labelled lines that tell where, how, what was found and why; absent ones are left out. */
  readonly details?: ReadonlyArray<readonly [label: string, text: string | undefined]>;
  /** What to do about it; several are alternatives. */
  readonly help?: string | readonly string[] | undefined;
  /** The place in a file that is at fault, for tools; not printed, because a line that people read names it. */
  readonly place?: { readonly file: string; readonly line: number; readonly column: number } | undefined;
}

const brand: unique symbol = Symbol.for('@asphalt/core/error') as never;
const labelWidth = 13;

/** An error with a stable {@link AsphaltError.code} and a message that tells what to do. */
export abstract class AsphaltError extends Error {
  /** Identifies the kind of error; stable across releases and listed in `docs/reference/errors.md`. */
  abstract readonly code: string;
  /** The first line of the message. */
  declare readonly summary: string;
  declare readonly explanation: Explanation;

  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explanation.summary, options);
    // What the message says already is left out where an error is printed with its fields.
    Object.defineProperties(this, {
      [brand]: { value: true },
      name: { configurable: true, writable: true, value: new.target.name },
      explanation: { value: explanation },
      summary: { value: explanation.summary },
      // Subclasses set their fields (`code` is one) after this constructor, so the text is drawn when it is read.
      message: { configurable: true, get: () => render(explanation, this.code) },
    });
  }

  /** Tells an error of this runtime from others, also across two installed copies of it. */
  static is(error: unknown): error is AsphaltError {
    return error instanceof Error && brand in error;
  }
}

/** Draws an explanation: the summary, then its labelled lines, help and code. */
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

/** Indents a label's text so that its further lines stand under the first; a drawing has no label. */
function labelled(label: string, text: string): string {
  if (label === '') return text.replace(/^/gm, '    ');
  // The items of a list hold texts with labels of their own.
  const start = `  ${/^\d+\.$/.test(label) ? `${label} ` : label.padEnd(labelWidth)}`;
  const [first = '', ...rest] = text.split('\n');
  return [`${start}${first}`, ...rest.map((line) => ' '.repeat(start.length) + line)].join('\n');
}

/** One line that tells what a thrown value is, whatever was thrown. */
export function describeThrown(thrown: unknown): string {
  if (AsphaltError.is(thrown)) return thrown.summary;
  const [line = ''] = describe(thrown).split('\n', 1);
  return line;
}

function describe(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message === '' ? thrown.name : `${thrown.name}: ${thrown.message}`;
  const value = typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 0, breakLength: Infinity });
  return `thrown value ${value}`;
}
