/** Shows a failure on the terminal: the message, and the stack of the user's own error behind it. */
import { styleText } from 'node:util';
import { AsphaltError } from '@asphalt/core';

export function printFailure(error: unknown): void {
  const text = AsphaltError.is(error) ? `${paint(error.message)}${causeText(error)}` : stackOf(error);
  process.stderr.write(`\n${text}\n\n`);
}

/** The stack of the error that user code threw, however deep it stands; our own need none. */
function causeText(error: AsphaltError): string {
  const { errors } = error as { errors?: readonly unknown[] };
  const causes = errors ?? [error.cause];
  return causes
    .map((cause) => {
      if (AsphaltError.is(cause)) return causeText(cause);
      return cause instanceof Error ? `\n\n${dim(stackOf(cause))}` : '';
    })
    .join('');
}

const runtimeFolder = new URL('.', import.meta.resolve('@asphalt/core')).href;

/** Without the frames of Node, of libraries and of the runtime, which say nothing about the user's code. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? String(error)).split('\n');
  const foreign = (line: string): boolean => /^ +at /.test(line) && (/node:|node_modules/.test(line) || line.includes(runtimeFolder));
  return lines.filter((line) => !foreign(line)).join('\n');
}

/** The first line stands out; the code is only there to be looked up. */
function paint(message: string): string {
  const [summary = '', ...rest] = message.split('\n');
  if (!hasColors()) return message;
  return [
    styleText(['bold', 'red'], summary),
    ...rest.map((line) => (/^ +code /.test(line) ? dim(line) : line.replace(/^( +(?:help|or)\b.*)$/, (help) => styleText('green', help)))),
  ].join('\n');
}

function dim(text: string): string {
  return hasColors() ? styleText('dim', text) : text;
}

function hasColors(): boolean {
  return process.stderr.isTTY && process.stderr.hasColors();
}
