/** Defines `asphalt config …`: the commands that inspect a configuration without running an application. */
import type { Command } from 'commander';
import { collect, requireSources, withExamples } from './command-definitions.ts';
import type { ConfigArguments, Terminal } from '../config/load.ts';

const isFile = /^-$|\.(ya?ml|json5?|[cm]?[jt]s)$/;

interface Flags {
  readonly set?: readonly string[];
  readonly service?: string;
}

interface DiffFlags extends Flags {
  readonly base?: readonly string[];
}

/**
 * Adds the commands to the program.
 *
 * @param terminal - receives their output; standard output contains nothing else, so that it can be piped
 */
export function addConfigCommand(program: Command, terminal: Terminal): void {
  const config = program.command('config').description('Show, document, check and compare configurations.');

  const show = withSources(config.command('show'))
    .description('Show every option; sensitive values are masked.')
    .option('--origin [path]', 'origin of all values, or the history of one')
    .action(async (files: string[], { origin, ...flags }: Flags & { readonly origin?: string | true }) => {
      // A file name that follows a bare `--origin` is not an option path.
      const isKey = typeof origin === 'string' && !isFile.test(origin);
      const all = typeof origin === 'string' && !isKey ? [origin, ...files] : files;
      const key = isKey ? origin : undefined;
      requireSources(show, all, flags.set ?? []);
      const command = await import('../config/show.ts');
      await terminal.exit(
        await command.show({ ...argumentsOf(all, flags), origin: origin !== undefined, key }, terminal),
      );
    });

  withExamples(
    show,
    'asphalt.yaml',
    'asphalt.yaml staging.yaml --origin',
    '--origin component.components.web.port asphalt.yaml',
  );

  const docs = withSources(config.command('docs'))
    .description('Document every option.')
    .option('--markdown', 'Markdown instead of plain text')
    .action(async (files: string[], { markdown = false, ...flags }: Flags & { readonly markdown?: boolean }) => {
      requireSources(docs, files, flags.set ?? []);
      const command = await import('../config/docs.ts');
      await terminal.exit(await command.docs({ ...argumentsOf(files, flags), markdown }, terminal));
    });

  withExamples(docs, 'asphalt.yaml', 'asphalt.yaml --markdown > OPTIONS.md');

  const schema = withSources(config.command('schema'))
    .description('Write a JSON Schema for the files.')
    .action(async (files: string[], flags: Flags) => {
      requireSources(schema, files, flags.set ?? []);
      const command = await import('../config/schema.ts');
      await terminal.exit(await command.schema(argumentsOf(files, flags), terminal));
    });

  withExamples(schema, 'asphalt.yaml > asphalt.schema.json');

  const diff = config
    .command('diff')
    .description('Compare two configurations.')
    .argument('<before>', 'first configuration file')
    .argument('<after>', 'second configuration file')
    .option('--base <file>', 'file below both configurations; repeatable', collect)
    .option('--set <path=value>', 'value that overrides both configurations; repeatable', collect)
    .option('-s, --service <name>', 'service to compare (default: $ASPHALT_SERVICE)')
    .action(async (before: string, after: string, { base = [], ...flags }: DiffFlags) => {
      const command = await import('../config/diff.ts');
      const [left, right] = [before, after].map((file) => argumentsOf([...base, file], flags));
      await terminal.exit(await command.diff(left!, right!, terminal));
    });
  withExamples(diff, 'asphalt.yaml staging.yaml', 'staging.yaml production.yaml --base asphalt.yaml');
  withExamples(config, 'show asphalt.yaml', 'diff asphalt.yaml staging.yaml');
}

function withSources(command: Command): Command {
  return command
    .argument('[files...]', 'configuration files; later files override earlier ones')
    .option('--set <path=value>', 'value that overrides the files; repeatable', collect)
    .option('-s, --service <name>', 'service to run (default: $ASPHALT_SERVICE)');
}

function argumentsOf(files: readonly string[], { set = [], service }: Flags): ConfigArguments {
  return { files, set, service };
}
