/** The options of `asphalt run` that concern code which blocks. */
import { InvalidArgumentError, type Command } from 'commander';

export function withWatchOptions(command: Command): Command {
  return command
    .option(
      '--watchdog [limit]',
      'name the code that blocks the event loop for longer than this (100ms); on outside production',
      duration,
    )
    .option('--no-watchdog', 'do not look for code that blocks')
    .option('--fail-on-blocking <limit>', 'stop with exit code 1 when code blocks for longer than this', duration);
}

/** @returns milliseconds */
function duration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (unit === 's' ? 1_000 : 1);
  if (milliseconds >= 10) return milliseconds;
  throw new InvalidArgumentError('it must be a duration of 10ms or more, such as 200ms or 1s');
}
