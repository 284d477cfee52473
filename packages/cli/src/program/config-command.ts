/** `asphalt config …`: the commands that tell about a configuration without running anything. */
import type { Command } from 'commander';
import { collect, requireSources, withExamples } from './command-definitions.ts';
import type { ConfigArguments, Terminal } from '../config/load.ts';

const isFile = /^-$|\.(ya?ml|json5?|[cm]?[jt]s)$/;

interface Flags {
  readonly set: readonly string[];
  readonly service?: string;
}

/**
 * Adds the commands to the program.
 *
 * @param terminal - takes what they print; standard output should be nothing but that, so that it can be piped
 */
export function addConfigCommand(program: Command, terminal: Terminal): void {
  const config = program.command('config').description('Show, document, check and compare configurations.');

  const show = withSources(config.command('show'))
    .description('Show every option of every component as it holds; sensitive values are masked.')
    .option('--origin [key]', 'tell where values come from, or everything that was said about one')
    .action(async (files: string[], { origin, ...flags }: Flags & { readonly origin?: string | true }) => {
      // The file behind a bare `--origin` is no key.
      const isKey = typeof origin === 'string' && !isFile.test(origin);
      const all = typeof origin === 'string' && !isKey ? [origin, ...files] : files;
      const key = isKey ? origin : undefined;
      requireSources(show, all, flags.set);
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
    .description('Document every option of every component of this application.')
    .option('--markdown', 'write Markdown')
    .action(async (files: string[], { markdown = false, ...flags }: Flags & { readonly markdown?: boolean }) => {
      requireSources(docs, files, flags.set);
      const command = await import('../config/docs.ts');
      await terminal.exit(await command.docs({ ...argumentsOf(files, flags), markdown }, terminal));
    });

  withExamples(docs, 'asphalt.yaml', 'asphalt.yaml --markdown > OPTIONS.md');

  const schema = withSources(config.command('schema'))
    .description('Write a JSON Schema for the files of this application, with which editors complete and check them.')
    .action(async (files: string[], flags: Flags) => {
      requireSources(schema, files, flags.set);
      const command = await import('../config/schema.ts');
      await terminal.exit(await command.schema(argumentsOf(files, flags), terminal));
    });

  withExamples(schema, 'asphalt.yaml > asphalt.schema.json');

  const diff = config
    .command('diff')
    .description('Show which options differ between two configurations.')
    .argument('<before>', 'a configuration file')
    .argument('<after>', 'another one')
    .option('--base <file>', 'a file that lies below both, where these only override; can be repeated', collect, [])
    .option('--set <path=value>', 'set one value in both; can be repeated', collect, [])
    .option('-s, --service <name>', 'the service to compare')
    .action(async (before: string, after: string, { base, ...flags }: Flags & { readonly base: readonly string[] }) => {
      const command = await import('../config/diff.ts');
      const [left, right] = [before, after].map((file) => argumentsOf([...base, file], flags));
      await terminal.exit(await command.diff(left!, right!, terminal));
    });
  withExamples(diff, 'asphalt.yaml staging.yaml', 'staging.yaml production.yaml --base asphalt.yaml');
  withExamples(config, 'show asphalt.yaml', 'diff asphalt.yaml staging.yaml');
}

function withSources(command: Command): Command {
  return command
    .argument('[files...]', 'configuration files; a later one wins, and `-` is standard input')
    .option('--set <path=value>', 'set one value, over all files; can be repeated', collect, [])
    .option('-s, --service <name>', 'the service, of those in the configuration (or ASPHALT_SERVICE)');
}

function argumentsOf(files: readonly string[], { set, service }: Flags): ConfigArguments {
  return { files, set, service };
}
