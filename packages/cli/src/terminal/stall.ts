/** Reports a command that can never end, because nothing keeps the event loop running while it waits. */
import { AsphaltError } from '@asphalt/core';
import { failureText } from './failure.ts';
import type { Paint } from './paint.ts';

/** The command waits for a promise, and no timer, socket or other handle is left that could settle it. */
export class CommandStalledError extends AsphaltError {
  readonly code = 'ERR_COMMAND_STALLED';

  constructor() {
    super({
      summary: 'The command can never end: the event loop is empty',
      details: [['note', 'it waits for a promise of the code that it runs, and nothing is left that could settle it']],
      help: 'find the promise that never settles, such as that of a teardown',
    });
  }
}

export function stallText(paint: Paint): string {
  return `${failureText(new CommandStalledError(), paint)}\n`;
}
