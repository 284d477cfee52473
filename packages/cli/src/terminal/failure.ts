/** A failure as it is shown to a person: the message, and the stack of the application's own error behind it. */
import { AsphaltError } from '@asphalt/core';
import type { Paint } from './paint.ts';
import { causeStacks, stackText } from './stack-text.ts';

export function failureText(error: unknown, paint: Paint): string {
  if (!AsphaltError.is(error)) return paintMessage(`Uncaught ${stackText(error)}`, paint);
  const stacks = causeStacks(error).map((stack) => paint('dim', stack));
  return [paintMessage(error.message, paint), ...stacks].join('\n\n');
}

/** The first line stands out, help is found at a glance, and the code is only there to be looked up. */
function paintMessage(message: string, paint: Paint): string {
  const [summary = '', ...rest] = message.split('\n');
  let isHelp = false;
  const painted = rest.map((line) => {
    const label = /^ +(\S+)/.exec(line)?.[1];
    // The further lines of a help begin with "or".
    isHelp = label === 'help' || (isHelp && label === 'or');
    if (isHelp) return paint('green', line);
    return label === 'code' || label === 'at' ? paint('dim', line) : line;
  });
  return [paint(['bold', 'red'], summary), ...painted].join('\n');
}
