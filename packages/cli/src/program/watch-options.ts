/** The options of `asphalt run` for code that blocks the event loop. */
import type { Command } from 'commander';
import { duration } from './command-definitions.ts';

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
