/** Formats a failure for the user: the message, and the stack of the application's own error that caused it. */
import { AsphaltError } from '@asphalt/core';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';
import { causeStacks, stackText } from './stack-text.ts';

export function failureText(error: unknown, paint: Paint): string {
  if (!AsphaltError.is(error)) return paintMessage(`Uncaught ${stackText(error)}`, paint);
  const stacks = causeStacks(error).map((stack) => paint('dim', printable(stack)));
  return [paintMessage(error.message, paint), ...stacks].join('\n\n');
}

/** Highlights the summary and the help, and dims the code and the location. */
function paintMessage(message: string, paint: Paint): string {
  const [summary = '', ...rest] = printable(message).split('\n');
  let isHelp = false;
  const painted = rest.map((line) => {
    const label = /^ +(\S+)/.exec(line)?.[1];
    // The further lines of a help start with "or".
    isHelp = label === 'help' || (isHelp && label === 'or');
    if (isHelp) return paint('green', line);
    return label === 'code' || label === 'at' ? paint('dim', line) : line;
  });
  return [paint(['bold', 'red'], summary), ...painted].join('\n');
}
