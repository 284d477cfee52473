/** The options of `asphalt run` for code that blocks the event loop. */
import type { Command } from 'commander';
import { duration } from './command-definitions.ts';

/** @param standard - when the watchdog is on, for the help */
export function withWatchOptions(command: Command, standard = 'on in development'): Command {
  return command
    .option('--watchdog [limit]', `limit for code that blocks the event loop (default: 100ms; ${standard})`, duration)
    .option('--no-watchdog', 'disable the watchdog')
    .option('--fail-on-blocking <limit>', 'limit above which blocking code ends the run with exit code 1', duration);
}
