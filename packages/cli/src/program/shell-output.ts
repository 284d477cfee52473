/** Writes the help and the usage errors of Commander to the outputs of a shell. */
import type { Command } from 'commander';
import { printable } from '../terminal/printable.ts';
import type { Shell } from '../terminal/shell.ts';

export function withShellOutput(command: Command, { stdout, stderr }: Shell): Command {
  return command.exitOverride().configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    outputError: (message, write) => write(usageText(printable(message))),
  });
}

const prefixOfCommander = 'error: ';

/** Returns a usage error as a sentence, without the prefix of Commander. */
function usageText(message: string): string {
  const text = message.startsWith(prefixOfCommander) ? message.slice(prefixOfCommander.length) : message;
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}
