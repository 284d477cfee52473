/** The options of `asphalt run` for code that blocks the event loop. */
import { InvalidArgumentError, type Command } from 'commander';

export function withWatchOptions(command: Command): Command {
  return command
    .option(
      '--watchdog [limit]',
      'limit for code that blocks the event loop (default: 100ms; on in development)',
      duration,
    )
    .option('--no-watchdog', 'disable the watchdog')
    .option('--fail-on-blocking <limit>', 'limit above which blocking code ends the run with exit code 1', duration);
}

/** Parses a duration into milliseconds. */
function duration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (unit === 's' ? 1_000 : 1);
  if (milliseconds >= 10) return milliseconds;
  throw new InvalidArgumentError('Expected a duration of at least 10ms, such as 200ms or 1s.');
}
