/** The `asphalt` command: reads the command line and hands over to the commands. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { RunArguments } from './run.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

const program = new Command('asphalt')
  .description('Runs applications that are composed of components.')
  .version(version)
  .exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : 2))
  .configureHelp({ showGlobalOptions: true });

program
  .command('run')
  .description('Check an application, start it and run it until it is told to stop.')
  .argument('[files...]', 'configuration files, YAML or JSON; a later one wins')
  .option('--set <path=value>', 'set one value, over all files; can be repeated', collect, [])
  .option('-s, --service <name>', 'the service to run, of those in the configuration (or ASPHALT_SERVICE)')
  .addHelpText(
    'after',
    `
Examples:
  asphalt run asphalt.yaml
  asphalt run asphalt.yaml staging.yaml --set component.components.web.port=8080
  asphalt run --set component.type=./app.ts:App`,
  )
  .action(async (files: string[], options: Omit<RunArguments, 'files'>) => {
    // Loaded when it is needed: help and version answer without it.
    const { run } = await import('./run.ts');
    process.exitCode = await run({ files, ...options });
  });

function collect(value: string, values: readonly string[]): string[] {
  return [...values, value];
}

await program.parseAsync();
