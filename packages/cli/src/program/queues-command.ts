/** Defines `asphalt queues …`: the commands that show queues and send dead letters again. */
import type { Command } from 'commander';
import type { QueuesFormat } from '../queues/commands.ts';
import type { Shell } from '../terminal/shell.ts';
import {
  collect,
  formatOption,
  sourcesOf,
  withExamples,
  withSources,
  type SourceFlags,
} from './command-definitions.ts';

interface QueuesFlags extends SourceFlags {
  readonly component?: string;
  readonly format: QueuesFormat;
}

/**
 * Adds the commands to the program. They start only the components that the engine needs. Commander passes options that the
 * upper command has, too, to that one.
 */
export function addQueuesCommand(program: Command, shell: Shell): void {
  const queues = withTarget(program.command('queues'))
    .description(
      'List queues; the exit code is 1 if one has dead letters, which the commands below show and send again.',
    )
    .addOption(formatOption('text', 'json'))
    .action((files: string[], { component, format, ...flags }: QueuesFlags) => {
      const args = { ...sourcesOf(queues, files, flags, 'list'), component, format, shell };
      return shell.perform(async () => (await import('../queues/commands.ts')).list(args));
    });

  const dead = withTarget(queues.command('dead').argument('<name>', 'name of the queue, or of a group: topic.group'))
    .description('List the dead letters of a queue.')
    .addOption(formatOption('text', 'json'))
    .action((name: string, files: string[]) => {
      const { component, format, ...flags } = dead.optsWithGlobals<QueuesFlags>();
      const args = { ...sourcesOf(dead, files, flags, 'list'), component, name, format, shell };
      return shell.perform(async () => (await import('../queues/commands.ts')).dead(args));
    });
  withExamples(dead, 'mails asphalt.yaml');

  const retry = withTarget(queues.command('retry').argument('<name>', 'name of the queue, or of a group: topic.group'))
    .description('Send the dead letters of a queue again.')
    .option('-i, --id <id>', 'only this dead letter; repeatable (default: all)', collect, [])
    .action((name: string, files: string[]) => {
      const { component, id, ...flags } = retry.optsWithGlobals<QueuesFlags & { readonly id: string[] }>();
      const args = { ...sourcesOf(retry, files, flags, 'send again'), component, name, ids: id, shell };
      return shell.perform(async () => (await import('../queues/commands.ts')).retry(args));
    });
  withExamples(retry, 'mails asphalt.yaml', 'mails asphalt.yaml --id 0f9d7c1e');
  withExamples(queues, 'asphalt.yaml', 'asphalt.yaml --format json', 'retry mails asphalt.yaml');
}

function withTarget(command: Command): Command {
  return withSources(command).option('-c, --component <path>', 'component of the engine (default: the only one)');
}
