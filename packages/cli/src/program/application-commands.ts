/** The commands that concern one application, which configuration files and settings name. */
import type { Command } from 'commander';
import type { CheckFormat } from '../inspect/check.ts';
import { collect, formatOption, requireSources, withExamples } from './command-definitions.ts';
import type { ExplainFormat } from '../inspect/explain.ts';
import type { GraphFormat } from '../inspect/graph.ts';
import { ownManifest } from '../terminal/package-files.ts';
import type { ApplicationArguments } from '../load/plan.ts';
import type { Shell } from '../terminal/shell.ts';
import type { TimelineOptions } from '../timeline/command.ts';
import { withWatchOptions } from './watch-options.ts';
import type { WatchOptions } from '../run/watched-run.ts';

/** Each command's module is loaded only when it is carried out: help and version answer without it. */
export function addApplicationCommands(program: Command, shell: Shell): void {
  const { stdout, stderr, showFailure } = shell;
  const { version } = ownManifest();

  const run = withWatchOptions(withSources(program.command('run')))
    .description('Check an application, start it and run it until it is told to stop.')
    .action((files: string[], { watchdog, failOnBlocking, ...flags }: Flags & WatchOptions) =>
      perform(run, files, flags, async (args) =>
        (await import('../run/run.ts')).run(args, { watchdog, failOnBlocking }, stdout, stderr, showFailure),
      ),
    );
  withExamples(
    run,
    'asphalt.yaml',
    'asphalt.yaml staging.yaml --set component.components.web.port=8080',
    '--set component.type=./app.ts:App',
    'asphalt.yaml --fail-on-blocking 200ms',
  );

  const dev = withSources(program.command('dev'))
    .description('Run an application, and start it anew whenever a file changes that it consists of.')
    .action((files: string[], flags: Flags) => {
      if (files.includes('-')) dev.error('standard input cannot be read again: name files');
      return perform(dev, files, flags, async (args) => (await import('../dev/dev.ts')).dev(args, stdout));
    });
  withExamples(dev, 'asphalt.yaml', 'asphalt.yaml --set component.components.web.port=8080');

  const check = withSources(program.command('check'))
    .description('Tell everything that keeps an application from starting, without starting it.')
    .addOption(formatOption('text', 'json', 'sarif'))
    .action((files: string[], { format, ...flags }: Flags & { format: CheckFormat }) =>
      perform(check, files, flags, async (args) =>
        (await import('../inspect/check.ts')).check(args, format, version, stdout),
      ),
    );
  withExamples(check, 'asphalt.yaml', 'asphalt.yaml --format sarif > asphalt.sarif');

  const graph = withSources(program.command('graph'))
    .description('Draw the components of an application and what they need of each other.')
    .addOption(formatOption('tree', 'mermaid', 'dot', 'svg', 'html', 'json'))
    .action((files: string[], { format, ...flags }: Flags & { format: GraphFormat }) =>
      perform(graph, files, flags, async (args) => (await import('../inspect/graph.ts')).graph(args, format, stdout)),
    );
  withExamples(
    graph,
    'asphalt.yaml',
    'asphalt.yaml --format svg > graph.svg',
    'asphalt.yaml --format html > graph.html',
  );

  const timeline = withSources(program.command('timeline'))
    .description('Start an application, stop it, and tell what its start took the time for.')
    .addOption(formatOption('text', 'json', 'svg', 'trace'))
    .option('-o, --output <file>', 'the file to write, instead of standard output')
    .action((files: string[], { format, output, ...flags }: Flags & TimelineOptions) =>
      perform(timeline, files, flags, async (args) =>
        (await import('../timeline/command.ts')).timeline(args, { format, output }, stdout, stderr, showFailure),
      ),
    );
  withExamples(
    timeline,
    'asphalt.yaml',
    'asphalt.yaml --format svg --output start.svg',
    'asphalt.yaml --format trace --output start.json',
  );

  const explain = withSources(
    program.command('explain').argument('<key>', 'a resource: `Type`, or `Type/name` where it has a name'),
  )
    .description('Tell who provides a resource and why, and who needs it.')
    .addOption(formatOption('text', 'json'))
    .action((key: string, files: string[], { format, ...flags }: Flags & { format: ExplainFormat }) =>
      perform(explain, files, flags, async (args) =>
        (await import('../inspect/explain.ts')).explain(key, args, format, stdout),
      ),
    );
  withExamples(explain, 'Database asphalt.yaml', 'Mailer/bulk asphalt.yaml --format json');

  function perform(
    command: Command,
    files: readonly string[],
    { set = [], service }: Flags,
    action: (args: ApplicationArguments) => Promise<number>,
  ): Promise<void> {
    requireSources(command, files, set);
    return shell.perform(() => action({ files, set, service }));
  }
}

interface Flags {
  readonly set?: readonly string[];
  readonly service?: string;
}

function withSources(command: Command): Command {
  return command
    .argument('[files...]', 'configuration files, YAML or JSON; a later one wins')
    .option('--set <path=value>', 'set one value, over all files; can be repeated', collect)
    .option('-s, --service <name>', 'the service to run, of those in the configuration (or ASPHALT_SERVICE)');
}
