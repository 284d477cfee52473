/** Defines `asphalt config …`: the commands that inspect a configuration without running an application. */
import type { Command } from 'commander';
import type { Terminal } from '../config/attempt.ts';
import type { ApplicationArguments } from '../load/application-config.ts';
import type { Shell } from '../terminal/shell.ts';
import { collect, sourcesOf, withExamples, withSources, type SourceFlags } from './command-definitions.ts';

const isFile = /^-$|\.(ya?ml|json5?|[cm]?[jt]s)$/;

interface DiffFlags extends SourceFlags {
  readonly base?: readonly string[];
}

/** Adds the commands to the program. Standard output contains only their output, so that it can be piped. */
export function addConfigCommand(program: Command, shell: Shell): void {
  const terminal: Terminal = {
    write: (text) => shell.stdout.write(text),
    fail: async (error) => void (await shell.showFailure(error)),
  };
  const config = program.command('config').description('Show, document, check and compare configurations.');

  const show = withSources(config.command('show'))
    .description('Show every option; sensitive values are masked.')
    .option('--origin [path]', 'origin of all values, or the history of one')
    .action(async (files: string[], { origin, ...flags }: SourceFlags & { readonly origin?: string | true }) => {
      // A file name that follows a bare `--origin` is not an option path.
      const isKey = typeof origin === 'string' && !isFile.test(origin);
      const all = typeof origin === 'string' && !isKey ? [origin, ...files] : files;
      const key = isKey ? origin : undefined;
      const args = sourcesOf(show, all, flags);
      const command = await import('../config/show.ts');
      await shell.perform(() => command.show({ ...args, origin: origin !== undefined, key }, terminal));
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
    .action(async (files: string[], { markdown = false, ...flags }: SourceFlags & { readonly markdown?: boolean }) => {
      const args = sourcesOf(docs, files, flags);
      const command = await import('../config/docs.ts');
      await shell.perform(() => command.docs({ ...args, markdown }, terminal));
    });

  withExamples(docs, 'asphalt.yaml', 'asphalt.yaml --markdown > OPTIONS.md');

  const schema = withSources(config.command('schema'))
    .description('Write a JSON Schema for the files.')
    .action(async (files: string[], flags: SourceFlags) => {
      const args = sourcesOf(schema, files, flags);
      const command = await import('../config/schema.ts');
      await shell.perform(() => command.schema(args, terminal));
    });

  withExamples(schema, 'asphalt.yaml > asphalt.schema.json');

  const diff = config
    .command('diff')
    .description('Compare two configurations.')
    .argument('<before>', 'first configuration file')
    .argument('<after>', 'second configuration file')
    .option('--base <file>', 'file below both configurations; repeatable', collect)
    .option('--set <path=value>', 'value that overrides both configurations; repeatable', collect)
    .option('--env-file <file>', 'file with environment variables, below those of the environment; repeatable', collect)
    .option('-s, --service <name>', 'service to compare (default: $ASPHALT_SERVICE)')
    .action(async (before: string, after: string, { base = [], set = [], envFile = [], service }: DiffFlags) => {
      const command = await import('../config/diff.ts');
      const withBase = (file: string): ApplicationArguments => ({
        files: [...base, file],
        set,
        envFiles: envFile,
        service,
      });
      await shell.perform(() => command.diff(withBase(before), withBase(after), terminal));
    });
  withExamples(diff, 'asphalt.yaml staging.yaml', 'staging.yaml production.yaml --base asphalt.yaml');
  withExamples(config, 'show asphalt.yaml', 'diff asphalt.yaml staging.yaml');
}
